"""The way of one article: sentences, windows, requests, answers, claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Self

import anyio
import anyio.to_thread

from extractor import errors, models, prompts, segmentation
from extractor._version import __version__
from extractor.answers import Answer
from extractor.answers import answer as answer_about
from extractor.caches.base import Cache, NoCache
from extractor.caches.reach import looked_up, written
from extractor.claims import Claim, ClaimProvenance
from extractor.documents import Document, Sentence, Window
from extractor.errors import ReaderError
from extractor.exchange import Completing, Exchange
from extractor.extraction import DocumentRecord, Extraction, Provenance, WindowReport
from extractor.grounding import Haystack
from extractor.maker import maker
from extractor.memo import Kept, Memo
from extractor.normalise.parties import Parties, assign
from extractor.parsers import table as parsers
from extractor.parsers.base import Parser
from extractor.parsers.reading import with_trees
from extractor.profiles import resolve as resolve_profile
from extractor.profiles.base import Found, Profile
from extractor.prompts import Prompt
from extractor.providers.base import Provider
from extractor.providers.table import provide
from extractor.providers.weights import Progress
from extractor.readers import aliases
from extractor.rehearsal import example, rehearse
from extractor.requests import Usage
from extractor.retries import RetryPolicy
from extractor.settings import Settings
from extractor.settings import load as load_settings
from extractor.tasks import Task


@dataclass(frozen=True)
class Part:
    """A window that is done, as those are told who watch.

    Attributes:
        report: How it went.
        of: How many windows there are.
        find: Returns the claims it brought.
    """

    report: WindowReport
    of: int
    find: Callable[[], tuple[Claim, ...]]

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The claims it brought, found when first asked for; the whole may join them with others."""
        return self.find()


Watch = Callable[[Part], None]
"""Told of each window as it is done."""


class Extractor:
    """Turns documents into claims.

    Args:
        model: How the model wants to be asked.
        exchange: Where answers come from.
        profile: The extraction task.
        prompt: Its prompt.
        parallel: Windows of one document in flight at once.
        parties: Parties and their names, which sources are assigned to.
        parser: Who draws the trees of sentences; None where the model reads alone.
        parsed: Prompt of the task that the profile has for sentences with trees; needed with a parser.
        cache: Where finished extractions are remembered; None to make each anew from its answers.
    """

    def __init__(
        self,
        *,
        model: models.Model,
        exchange: Completing,
        profile: Profile,
        prompt: Prompt,
        parallel: int | None = None,
        parties: Parties | None = None,
        parser: Parser | None = None,
        parsed: Prompt | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.model = model
        self.profile = profile
        self._exchange = exchange
        self._parallel = parallel or model.parallel
        self._parties = parties or {}
        self._parser = parser
        self._task = Task(profile, prompt, model)
        read = profile.parsed
        self._parsed = Task(read, parsed, model) if parser is not None and read is not None and parsed is not None else self._task
        self._cache = cache if cache is not None and not isinstance(cache, NoCache) else None
        # Finishing takes the processor alone. Articles whose answers come together are finished one by one, each handed over before
        # the next is begun; else all of them would be handed over at the end, and whoever asks for more would again ask together.
        self._turn = anyio.Lock()

    @classmethod
    def from_settings(
        cls,
        settings: Settings | None = None,
        *,
        profile: str | Profile = "claims",
        provider: Provider | None = None,
        cache: Cache | None = None,
        exchange: Completing | None = None,
        download: Progress | None = None,
        memo: bool = True,
    ) -> Self:
        """Return an extractor as the settings say; by default those of the environment.

        Args:
            settings: Model, keys, folders and limits.
            profile: The extraction task, or its name.
            provider: Who answers, instead of the model's own provider.
            cache: What remembers answers, instead of the folder of the settings.
            exchange: What answers, instead of one made of provider and cache; the cache then keeps trees alone.
            download: Told of bytes had and bytes in all while a model's file is fetched.
            memo: Whether finished extractions are remembered beside the answers; measurements of what makes them say no.

        Raises:
            ConfigurationError: A name or setting is wrong.
            StorageError: The cache cannot be opened.
        """
        settings = settings or load_settings()
        model = models.resolve(settings)
        chosen = profile if isinstance(profile, Profile) else resolve_profile(profile)
        folders = (settings.prompts, chosen.prompts)
        if cache is None:
            from extractor.caches.table import provide as provide_cache

            cache = provide_cache(settings)
        parser = parsers.provide(model, settings, cache, download) if chosen.parsed is not None else None
        parties = aliases.load(settings.aliases)
        if exchange is None:
            policy = RetryPolicy(attempts=settings.attempts, deadline=settings.deadline)
            exchange = Exchange(provider or provide(model, settings, download), cache, policy)
        return cls(
            model=model,
            exchange=exchange,
            profile=chosen,
            prompt=prompts.load(chosen.prompt, folders=folders),
            parallel=settings.parallel,
            parties=parties,
            parser=parser,
            parsed=prompts.load(chosen.parsed.prompt, folders=folders) if chosen.parsed is not None and parser is not None else None,
            cache=cache if memo else None,
        )

    async def extract(self, document: Document, *, source: str | None = None, watch: Watch | None = None, repeat: int = 0) -> Extraction:
        """Return the claims of ``document`` and all that belongs to them.

        What a provider or model does wrong becomes an outcome of its window; the other windows' claims are kept.

        Args:
            document: The article.
            source: Where it was read from, for the record.
            watch: Told of each window as it finishes.
            repeat: Number of the repetition: a repeat is asked anew, and remembered apart.

        Raises:
            ReaderError: The document holds no sentence.
            WeightsError: The embedded model cannot be had.
            MissingExtraError: A part that the model needs is not installed.
        """
        known = await self._known(document, source, repeat)
        if known is not None:
            if watch is not None:
                for part in parts(known):
                    watch(part)
            return known
        return await self.make(document, source=source, watch=watch, repeat=repeat)

    async def make(self, document: Document, *, source: str | None = None, watch: Watch | None = None, repeat: int = 0) -> Extraction:
        """Return what ``extract`` returns, made from answers even where the finished extraction is remembered; it then is.

        Raises:
            ExtractorError: As ``extract`` does.
        """
        split = segmentation.sentences(document)
        if not split:
            msg = "there is no sentence in it; an article needs at least one line with a word"
            raise ReaderError(msg)
        split = await self._read(document, split)
        task = self._parsed if split[0].tree is not None else self._task
        windows = task.windows(document, split)
        answers: list[Answer | None] = [None] * len(windows)
        places = anyio.Semaphore(self._parallel, fast_acquire=True)

        async def ask(index: int) -> None:
            window = windows[index]
            async with places:
                answers[index] = answer = await self._ask(task, window, repeat)
            if watch is not None:
                watch(Part(_report(window, answer), len(windows), partial(_brought, task, window, answer)))

        try:
            # A task of its own would let others in between: many articles at once would all be begun, and then all be sent.
            if len(windows) == 1:
                await ask(0)
            else:
                async with anyio.create_task_group() as tasks:
                    for index in range(len(windows)):
                        tasks.start_soon(ask, index)
        except ExceptionGroup as group:  # what stops every window alike, as a model that cannot be had: callers catch it by its class
            raise errors.of_group(group) from None
        async with self._turn:
            extraction = self._assemble(task, document, split, windows, [answer for answer in answers if answer is not None], source)
        if (memo := self._memo) is not None:
            await written(memo.cache, partial(memo.keep, document, extraction, repeat=repeat))
        return extraction

    async def prepare(self) -> None:
        """Make ready: fetch what is missing, load parser and model, so that the first article need not wait for it; nothing is asked.

        Raises:
            WeightsError: A model's file cannot be had.
            MissingExtraError: A part that the model needs is not installed.
        """
        document = example(self._parsed.prompt)
        split = await self._read(document, segmentation.sentences(document))
        await rehearse(self._parsed if split[0].tree is not None else self._task, split, self._exchange.provider)

    async def remembered(self, document: Document, *, source: str | None = None) -> Kept | None:
        """Return the finished extraction that is remembered of ``document``, not parsed; None where it must be made."""
        memo = self._memo
        return await looked_up(memo.cache, partial(memo.line, document, source=source)) if memo is not None else None

    def extract_sync(self, document: Document, *, source: str | None = None) -> Extraction:
        """Return what ``extract`` returns, for scripts without an event loop; closes the extractor afterwards."""

        async def run() -> Extraction:
            async with self:
                return await self.extract(document, source=source)

        return anyio.run(run)

    async def _known(self, document: Document, source: str | None, repeat: int) -> Extraction | None:
        memo = self._memo
        return await looked_up(memo.cache, partial(memo.extraction, document, source=source, repeat=repeat)) if memo is not None else None

    @cached_property
    def _memo(self) -> Memo | None:
        """Where finished extractions are remembered; made when it is first needed, since a parser's folder may have to be read."""
        if self._cache is None:
            return None
        prompts, parser = self.prompts, self.parser_identity
        made_by = maker(
            model=self.model, endpoint=self.endpoint, profile=self.profile, prompts=prompts, parser=parser, parties=self._parties
        )  # fmt: skip
        return Memo(self._cache, made_by) if made_by is not None else None

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts that may be asked with: that of the profile, and before it that for sentences with trees where there is one."""
        return tuple(dict.fromkeys((self._parsed.prompt, self._task.prompt)))

    @property
    def endpoint(self) -> str:
        """Who answers: digest of a local model's file, or address of a server."""
        return self._exchange.provider.endpoint

    @property
    def parser_identity(self) -> str | None:
        """Digest of the parser's data; None where the model reads alone."""
        return self._parser.identity if self._parser is not None else None

    async def aclose(self) -> None:
        """Stop the embedded model, close connections and cache."""
        await self._exchange.aclose()

    async def __aenter__(self) -> Self:
        """Return the extractor."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it, also when cancelled."""
        with anyio.CancelScope(shield=True):
            await self.aclose()

    async def _read(self, document: Document, split: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
        """Return the sentences with their trees; without a parser no thread is troubled, which costs a busy process more than it does."""
        return await anyio.to_thread.run_sync(with_trees, document, split, self._parser) if self._parser is not None else split

    async def _ask(self, task: Task, window: Window, repeat: int) -> Answer:
        if self.model.screen and not task.profile.asks(window):
            return Answer(outcome="skipped")
        request = task.request(window, endpoint=self.endpoint, repeat=repeat)
        return await answer_about(self._exchange, request, task.profile, Haystack(window))

    def _assemble(
        self,
        task: Task,
        document: Document,
        split: Sequence[Sentence],
        windows: Sequence[Window],
        answers: Sequence[Answer],
        source: str | None,
    ) -> Extraction:
        found = [item for window, answer in zip(windows, answers, strict=True) for item in _found(window, answer)]
        results = task.profile.finish(document, split, found)
        return Extraction(
            document=DocumentRecord(
                **document.model_dump(include={"id", "published", "title", "publisher", "language", "url"}),
                source=source,
                length=len(document.text),
                sentences=len(split),
            ),
            claims=assign(results.claims, self._parties),
            verifications=results.verifications,
            records=tuple(record.model_dump(mode="json") for record in results.records),
            planted=results.planted,
            rejections=tuple(rejection for answer in answers for rejection in answer.rejections),
            windows=tuple(_report(window, answer) for window, answer in zip(windows, answers, strict=True)),
            usage=sum((answer.usage for answer in answers), Usage()),
            provenance=Provenance(
                extractor=__version__,
                profile=self.profile.name,
                prompt=task.prompt.reference,
                prompt_digest=task.prompt.digest,
                model=self.model.name,
                endpoint=self.endpoint,
                parser=self.parser_identity if split[0].tree is not None else None,
            ),
        )


def extract(text: str, **fields: object) -> Extraction:
    """Return the claims of one article; the convenience for scripts.

    Args:
        text: The article.
        fields: Further fields of the Document, such as ``published``.
    """
    document = Document.model_validate({"text": text, **fields})
    return Extractor.from_settings().extract_sync(document)


def _brought(task: Task, window: Window, answer: Answer) -> tuple[Claim, ...]:
    return task.profile.finish(window.document, window.sentences, _found(window, answer)).claims


def _found(window: Window, answer: Answer) -> list[Found]:
    provenance = ClaimProvenance(window=window.index, requests=tuple(answer.requests), cached=answer.cached)
    return [Found(draft, grounded, window, provenance) for draft, grounded in answer.drafts]


def _report(window: Window, answer: Answer) -> WindowReport:
    return WindowReport(
        index=window.index,
        start=window.start,
        end=window.end,
        outcome=answer.outcome,
        detail=answer.detail,
        error=answer.error,
        drafts=len(answer.drafts),
        requests=tuple(answer.requests),
        cached=answer.cached if answer.requests else None,
        usage=answer.usage,
    )


def parts(known: Extraction) -> Iterator[Part]:
    """Yield the windows of a finished extraction as they would be told of."""
    for window in known.windows:
        brought = tuple(claim for claim in known.claims if window.start <= claim.evidence[0].start < window.end)
        yield Part(window, len(known.windows), lambda brought=brought: brought)  # type: ignore[misc]  # bound now
