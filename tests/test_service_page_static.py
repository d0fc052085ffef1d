"""The page's files as they are served, and what must not stand in them, without a browser."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from asgi import ask
from service import open_service

from extractor.readers import text
from extractor.service.routes import page

ROOT = Path(__file__).parent.parent
FOLDER = page._FOLDER
MODULES = sorted(FOLDER.glob("*.js"))
EXAMPLES = sorted((ROOT / "examples").glob("*.txt"))
FORBIDDEN = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setHTML|createContextualFragment|DOMParser|srcdoc"
)


class Markup(HTMLParser):
    def __init__(self):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.elements and self.elements[-1][0] in {"script", "style"} and data.strip():
            self.inline.append(data)


@pytest.fixture(scope="module")
def markup():
    reader = Markup()
    reader.feed((FOLDER / "index.html").read_text(encoding="utf-8"))
    return reader


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_text_ever_becomes_markup_or_code(path):
    content = path.read_text(encoding="utf-8")
    assert not re.search(FORBIDDEN, content)
    assert not re.search(r"""setAttribute\(\s*["'](?:on|style|href|src)""", content)
    assert not re.search(r"https?://", content)
    assert "localStorage" not in content
    assert len(content.splitlines()) <= 300


def test_every_module_is_used_and_every_import_is_there():
    names = {path.name for path in MODULES}
    imported = {name for path in MODULES for name in re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8"))}
    assert imported | {"main.js"} == names


def test_the_markup_has_nothing_inline_and_asks_for_its_own_files_only(markup):
    assert not markup.inline
    for tag, attributes in markup.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        for name in ("src", "href"):
            if (target := attributes.get(name)) and not target.startswith("#"):
                assert target.startswith("/page/")
                assert (FOLDER / target.removeprefix("/page/")).is_file()


def test_every_element_the_modules_ask_for_by_id_is_in_the_markup(markup):
    known = {attributes["id"] for _, attributes in markup.elements if "id" in attributes}
    asked = {name for path in MODULES for name in re.findall(r'byId\("([^"]+)"\)', path.read_text(encoding="utf-8"))}
    assert asked <= known


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_says_what_it_is(path):
    article = text.read(str(path))
    assert article.title
    assert article.published
    assert article.publisher


@pytest.mark.anyio
async def test_the_page_comes_under_its_policy(tmp_path):
    async with open_service(tmp_path) as (service, _):
        found = await ask(service, "GET", "/")
        assert found.status == 200
        assert found.headers["content-type"] == "text/html; charset=utf-8"
        policy = found.headers["content-security-policy"]
        assert policy == page.POLICY
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; ")


@pytest.mark.anyio
async def test_each_file_has_its_type_and_is_sent_once(tmp_path):
    async with open_service(tmp_path) as (service, _):
        for path in FOLDER.iterdir():
            found = await ask(service, "GET", f"/page/{path.name}")
            assert (found.status, found.body) == (200, path.read_bytes())
            assert found.headers["content-type"].startswith(
                {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg"}.get(path.suffix, "text/html")
            )
            again = await ask(service, "GET", f"/page/{path.name}", headers={"if-none-match": f'"other", W/{found.headers["etag"]}'})
            assert (again.status, again.body) == (304, b"")
            assert again.headers["content-security-policy"] == page.POLICY


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path",
    ["/page/none.js", "/page/..%2fapp.py", "/page/%2e%2e/app.py", "/page/examples/none", "/page/examples/..%2fdispatch", "/page/main.js/"],
)
async def test_nothing_else_is_served(tmp_path, path):
    async with open_service(tmp_path) as (service, _):
        found = await ask(service, "GET", path)
        assert found.status == 404
        assert found.headers["content-type"].startswith("application/problem+json")


@pytest.mark.anyio
async def test_the_examples_are_named_and_sent_as_they_are(tmp_path):
    async with open_service(tmp_path) as (service, _):
        named = (await ask(service, "GET", "/page/examples")).json["examples"]
        assert [each["name"] for each in named] == [path.stem for path in EXAMPLES]
        assert all(each["title"] and each["publisher"] for each in named)
        for path in EXAMPLES:
            found = await ask(service, "GET", f"/page/examples/{path.stem}")
            assert found.body == path.read_bytes()
            assert found.headers["content-type"] == "text/plain; charset=utf-8"
