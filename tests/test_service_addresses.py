"""Where webhooks may go: hostile URLs, hostile names, names whose addresses change."""

import ipaddress
import socket
import ssl
from ipaddress import IPv4Address, IPv6Address

import aiohttp
import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from extractor.errors import ConfigurationError, RefusedError
from extractor.service import addresses
from extractor.service.addresses import check, checked, connector, resolved

LOOPBACK = ("127.0.0.0/8",)
PUBLIC = "93.184.216.34"


def names(**known):
    """A resolver that knows these names: each a list of addresses, or several lists, one for each time it is asked."""

    async def look_up(host, port):
        await anyio.lowlevel.checkpoint()
        found = known.get(host.replace(".", "_"), [])
        return found.pop(0) if found and isinstance(found[0], list) else found

    return look_up


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook.example",
        "//hook.example/",
        "ftp://hook.example/",
        "file:///etc/passwd",
        "gopher://hook.example/_x",
        "https:hook.example",
        "https:/hook.example",
        "https:///hook.example",
        "https://",
        "https://:443/",
        "https://hook.example:/",
        "https://hook.example:0/",
        "https://hook.example:65536/",
        "https://hook.example:99999999999/",
        "https://hook.example:+443/",
        "https://hook.example:４４３/",
        "https://hook.example:22/",
        "https://hook.example:25/",
        "https://hook.example:6379/",
        "https://hook.example:443:443/",
        "https://user@hook.example/",
        "https://user:secret@hook.example/",
        "https://hook.example@127.0.0.1/",
        "https://hook.example\\@127.0.0.1/",
        "https://127.0.0.1\\.hook.example/",
        "https://hook.example /",
        "https://hook.example/\r\nX: y",
        "https://hook.example/\0",
        "https://hook.example/\u2028",
        "\thttps://hook.example/",
        "https://ho\tok.example/",
        "https://hook%2eexample/",
        "https://%31%32%37.0.0.1/",
        "https://hook..example/",
        "https://.hook.example/",
        "https://hook.example../",
        "https://-hook.example/",
        "https://hook-.example/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 130 + "example/",
        "https://hook.example/" + "a" * 2_000,
        "https://[::1/",
        "https://::1/",
        "https://[hook.example]/",
        "https://[v1.fe80::a]/",
        "https://[127.0.0.1]/",
        "https://\u2100.example/",
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0x7f000001/",
        "https://0x7F.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1.0x/",
        "https://127.0.0.01/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://①②⑦.0.0.1/",
        "https://256.1.1.1/",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://168.63.129.16/",
        "https://172.16.0.1/",
        "https://192.0.0.192/",
        "https://192.0.2.1/",
        "https://192.88.99.1/",
        "https://192.168.0.1/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::]/",
        "https://[::1]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::127.0.0.1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[64:ff9b::127.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[64:ff9b:1::1]/",
        "https://[2001::1]/",
        "https://[2001:db8::1]/",
        "https://[2002:7f00:1::]/",
        "https://[2002:5db8:d822::]/",
        "https://[3fff::1]/",
        "https://[5f00::1]/",
        "https://[100::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "http://hook.example/",
        f"http://{PUBLIC}/",
    ],
)
def test_a_hostile_url_is_refused_with_the_place_and_without_its_words(url):
    with pytest.raises(RefusedError) as refused:
        checked(url, ())
    assert refused.value.kind == "invalid"
    assert [pointer for pointer, _ in refused.value.faults] == ["#/webhook/url"]
    assert "example/" not in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "sent", "host", "port"),
    [
        ("https://hook.example", "https://hook.example/", "hook.example", 443),
        ("HTTPS://Hook.Example:443/a?b=c#d", "https://hook.example/a?b=c", "hook.example", 443),
        ("https://hook.example.:8443/", "https://hook.example:8443/", "hook.example", 8443),
        ("https://hook_1.example?x", "https://hook_1.example/?x", "hook_1.example", 443),
        ("https://hook.example/a%2Fb/../ü?q=ü&r=[1]", "https://hook.example/a%2Fb/../%C3%BC?q=%C3%BC&r=%5B1%5D", "hook.example", 443),
        ("https://Bücher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        (f"https://{PUBLIC}/", f"https://{PUBLIC}/", PUBLIC, 443),
        ("https://[2606:4700:0::1111]:4430/", "https://[2606:4700::1111]:4430/", "2606:4700::1111", 4430),
        ("https://[64:ff9b::5db8:d822]/", "https://[64:ff9b::5db8:d822]/", "64:ff9b::5db8:d822", 443),
        ("https://[::ffff:93.184.216.34]/", "https://[::ffff:5db8:d822]/", "::ffff:5db8:d822", 443),
    ],
)
def test_a_good_url_is_put_together_anew(url, sent, host, port):
    target = checked(url, ())
    assert (target.url, target.host, target.port) == (sent, host, port)
    assert URL(target.url, encoded=True).raw_host == host
    assert URL(target.url, encoded=True).port == port


def test_an_own_network_may_be_called_over_http_too_and_nothing_beside_it():
    assert checked("http://127.0.0.1:8000/", LOOPBACK).url == "http://127.0.0.1:8000/"
    assert checked("https://[::ffff:127.0.0.1]/", LOOPBACK).port == 443
    assert checked("http://[fd00::1]/", ("fd00::/8",)).port == 80
    for url in ("http://126.255.255.255/", f"http://{PUBLIC}/", "http://[::1]/", "https://10.0.0.1/", "http://127.0.0.1:6379/"):
        with pytest.raises(RefusedError):
            checked(url, LOOPBACK)


def test_a_network_that_is_none_is_the_operators_mistake():
    with pytest.raises(ConfigurationError, match="EXTRACTOR_SERVICE_WEBHOOK_NETWORKS"):
        checked("https://hook.example/", ("10.0.0.0/33",))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_an_address_that_is_let_through_is_a_public_one(address):
    shown = f"[{address}]" if address.version == 6 else str(address)
    try:
        target = checked(f"https://{shown}/", ())
    except RefusedError:
        return
    within = address
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or (
            IPv4Address(int(address) & 0xFFFFFFFF) if address in ipaddress.ip_network("64:ff9b::/96") else address
        )
    assert within.is_global
    assert not any((within.is_multicast, within.is_reserved, within.is_private, within.is_loopback, within.is_link_local))
    assert ipaddress.ip_address(target.host) == address


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::"]))
def test_an_address_within_another_counts_as_itself(address, around):
    embedded = IPv6Address(int(IPv6Address(around)) | int(address))
    verdicts = []
    for host in (str(address), f"[{embedded}]"):
        try:
            verdicts.append(checked(f"https://{host}/", ()).literal)
        except RefusedError:
            verdicts.append(False)
    assert verdicts[0] == verdicts[1]


@given(st.ip_addresses(v=4))
def test_every_old_spelling_of_an_address_is_refused(address):
    one, two, three, four = address.packed
    for spelling in (
        str(int(address)),
        hex(int(address)),
        f"0{int(address):o}",
        f"{one}.{int(address) & 0xFFFFFF}",
        f"{one}.{two}.{(three << 8) | four}",
        f"0x{one:x}.{two}.{three}.{four}",
        f"{one:#05o}.{two}.{three}.{four}".replace("0o", "0"),
    ):
        with pytest.raises(RefusedError):
            checked(f"https://{spelling}/", ("0.0.0.0/0",))


@given(st.text(alphabet=st.sampled_from("https:/\\@#?[]%.:0127x-_aé。１ \t\n"), max_size=40))
def test_two_programs_read_what_is_let_through_in_the_same_way(rest):
    try:
        target = checked(f"https://{rest}", ("0.0.0.0/0", "::/0"))
    except RefusedError:
        return
    read = URL(target.url, encoded=True)
    assert (read.scheme, read.raw_host, read.port, read.user, read.fragment) == ("https", target.host, target.port, None, "")
    assert target.url.isascii()
    assert checked(target.url, ("0.0.0.0/0", "::/0")) == target


@pytest.mark.anyio
@pytest.mark.parametrize(
    "found",
    [[], ["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1", PUBLIC], ["fe80::1%eth0"], ["64:ff9b::7f00:1"], ["0.0.0.0"]],
    ids=" ".join,
)
async def test_every_address_of_a_host_must_be_public_and_the_answer_does_not_say_which_is_not(found):
    with pytest.raises(RefusedError) as refused:
        await check("https://hook.example/", (), names(hook_example=found))
    with pytest.raises(RefusedError) as unknown:
        await check("https://unknown.example/", (), names())
    assert str(refused.value) == str(unknown.value)


@pytest.mark.anyio
async def test_http_goes_only_to_hosts_that_are_wholly_within_ones_own_networks():
    known = names(inside=["127.0.0.1", "127.1.2.3"], half=["127.0.0.1", PUBLIC], outside=[PUBLIC])
    await check("http://inside:8000/", LOOPBACK, known)
    await check("https://half/", LOOPBACK, known)
    for host in ("half", "outside"):
        with pytest.raises(RefusedError):
            await check(f"http://{host}/", LOOPBACK, known)


@pytest.mark.anyio
async def test_the_machines_own_resolver_is_asked():
    assert {"127.0.0.1", "::1"} & set(await addresses.look_up("localhost", 443))
    with pytest.raises(RefusedError):
        await check("https://localhost/", ())
    await check("http://localhost:8000/", (*LOOPBACK, "::1/128"))


@pytest.mark.anyio
async def test_a_resolver_that_fails_finds_nothing(monkeypatch):
    def fails(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    assert await addresses.look_up("hook.example", 443) == ()


@pytest.mark.anyio
async def test_a_name_that_gets_another_address_later_is_refused_then():
    known = names(hook_example=[[PUBLIC], ["127.0.0.1"]])
    target = checked("https://hook.example/", ())
    assert await resolved(target, (), known) == (PUBLIC,)
    with pytest.raises(RefusedError):
        await resolved(target, (), known)


@pytest.mark.anyio
async def test_a_connection_goes_to_the_checked_addresses_and_nowhere_else():
    target = checked("http://hook.example:8000/", LOOPBACK)
    reached = []

    async def serve(stream):
        reached.append(stream.extra(anyio.abc.SocketAttribute.local_address)[0])
        await stream.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        await stream.aclose()

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        target = checked(f"http://hook.example:{port}/", LOOPBACK)
        async with aiohttp.ClientSession(connector=connector(target, ["127.0.0.1"], ssl.create_default_context())) as session:
            async with session.get(target.url) as answer:
                assert answer.status == 204
            for elsewhere in (f"http://localhost:{port}/", f"http://127.0.0.2:{port}/", f"http://[::1]:{port}/", "http://hook.example:1/"):
                with pytest.raises(aiohttp.ClientConnectorError):
                    await session.get(elsewhere)
        group.cancel_scope.cancel()
    assert reached == ["127.0.0.1"]
