"""Steps and handlers know no clock, no chance, no environment and no I/O: what they need comes in as an argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.shape.tree import Module, contract, imported, modules, named

# -- who is what ----------------------------------------------------------------------------------------------------

STEPS = (
    *contract("The client's steps")["source_modules"],
    *contract("The server's steps")["source_modules"],
    *contract("What both ends share")["source_modules"],
)
# They move bytes and time, and hold no `if` about the protocol.
SHELLS = (
    *(f"sync.client.{name}" for name in ("carrying", "door", "errand", "lock", "loop", "machine", "mend")),
    *(f"sync.client.{name}" for name in ("send_now", "transport")),
    *(
        f"sync.server.{name}"
        for name in ("app", "bell", "doors", "guard", "house", "listener", "live", "metrics", "pages", "writer")
    ),
)
# What of core may look outside: the store (files), settings (the environment), words (they lie beside it), and keys
# and passwords, which are made before a command, never in one.
OUTSIDE = ("core.store", "core.settings", "core.words.books", "core.devices.keys", "core.people.passwords")

FORBIDDEN_MODULES = frozenset(
    "asyncio concurrent fcntl ftplib glob http httpx multiprocessing os pathlib queue random secrets select shutil "
    "signal smtplib socket ssl starlette subprocess sys tempfile threading time urllib.request uvicorn".split()
)
FORBIDDEN_CALLS = frozenset("open input print exec eval compile breakpoint __import__ id hash".split())
FORBIDDEN_NAMES = frozenset("uuid1 uuid4 now utcnow today environ getenv urandom getpid".split())
CLOCKS = frozenset("datetime date time".split())


def pure() -> tuple[Module, ...]:
    """All of core but its outside, and the steps of sync."""
    outside = {module.name for module in named(*OUTSIDE)}
    return tuple(module for module in modules("core") if module.name not in outside) + named(*STEPS)


def test_every_module_of_client_and_server_is_a_step_or_a_shell() -> None:
    placed = {module.name for module in named(*STEPS, *SHELLS)}
    rooms = {module.name for module in named("sync.client", "sync.server")} - {"sync.client", "sync.server"}

    assert sorted(rooms - placed) == []


def test_every_step_of_the_contracts_is_there() -> None:
    assert [name for name in STEPS if not named(name)] == []


def test_steps_and_handlers_import_nothing_that_touches_the_world() -> None:
    found = [
        f"{where} {name}"
        for module in pure()
        for name, where in imported(module)
        if name in FORBIDDEN_MODULES or name.split(".")[0] in FORBIDDEN_MODULES
    ]

    assert found == []


def test_steps_and_handlers_call_nothing_that_touches_the_world() -> None:
    assert [place for module in pure() for place in _touches(module)] == []


def test_steps_and_handlers_never_walk_through_a_set() -> None:
    assert [place for module in pure() for place in _walks_through_a_set(module)] == []


# -- looking --------------------------------------------------------------------------------------------------------


def _touches(module: Module) -> Iterator[str]:
    for node in module.walk(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield f"{module.at(node)} {node.func.id}()"
    for node in module.walk(ast.Attribute):
        if (
            node.attr in FORBIDDEN_NAMES
            and isinstance(node.value, ast.Name)
            and node.value.id in CLOCKS | {"os", "uuid"}
        ):
            yield f"{module.at(node)} {node.value.id}.{node.attr}"
    for node in module.walk(ast.ImportFrom):
        yield from (f"{module.at(node)} {alias.name}" for alias in node.names if alias.name in FORBIDDEN_NAMES)


def _walks_through_a_set(module: Module) -> Iterator[str]:
    """As far as one file shows it: literals, calls, what is annotated or assigned as a set, and sums of those."""
    for scope in module.walk(ast.FunctionDef, ast.AsyncFunctionDef, ast.Module):
        known = _sets_of(scope)
        for node in _own(scope):
            for walked in _walked(node):
                if _is_set(walked, known):
                    yield f"{module.at(walked)} {ast.unparse(walked)}"


def _walked(node: ast.AST) -> Iterator[ast.expr]:
    """What a piece of code goes through one by one, in an order that matters."""
    if isinstance(node, ast.For | ast.AsyncFor):
        yield node.iter
    elif isinstance(node, ast.ListComp | ast.DictComp):
        yield from (part.iter for part in node.generators)
    elif isinstance(node, ast.Call) and node.args:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in ("list", "tuple", "enumerate", "iter", "map", "zip", "join", "fromkeys", "extend"):
            yield from (_inside(argument) for argument in node.args)
    elif isinstance(node, ast.Starred):
        yield node.value


def _inside(argument: ast.expr) -> ast.expr:
    """`join(x for x in s)` goes through s."""
    return argument.generators[0].iter if isinstance(argument, ast.GeneratorExp) else argument


def _is_set(node: ast.expr, known: frozenset[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
        return _is_set(node.left, known) or _is_set(node.right, known)
    return isinstance(node, ast.Name) and node.id in known


def _sets_of(scope: ast.AST) -> frozenset[str]:
    """Names that hold a set in this scope."""
    found: set[str] = set()
    arguments = getattr(scope, "args", None)
    if isinstance(arguments, ast.arguments):
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        found |= {argument.arg for argument in every if _says_set(argument.annotation)}
    for node in _own(scope):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _says_set(node.annotation):
            found.add(node.target.id)
        if isinstance(node, ast.Assign) and _is_set(node.value, frozenset(found)):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(found)


def _says_set(annotation: ast.expr | None) -> bool:
    said = "" if annotation is None else ast.unparse(annotation)
    return said.partition("[")[0] in ("set", "frozenset", "AbstractSet", "Set")


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Everything of a scope but what lies in functions inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))
