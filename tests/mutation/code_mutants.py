"""Small wrongs in code: a comparison turned, a condition left out, a figure off by one."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

TURNED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
TEXTS = (ast.JoinedStr,)


@dataclass(frozen=True)
class CodeMutant:
    """`source` is the whole module as it would be."""

    name: str
    module: str
    source: str


def mutants_of(path: str, module: str, source: str) -> Iterator[CodeMutant]:
    sites = _Mutator(target=-1)
    sites.visit(ast.parse(source))
    for target, site in enumerate(sites.seen):
        tree = _Mutator(target=target).visit(ast.parse(source))
        yield CodeMutant(f"{path}:{site}", module, ast.unparse(ast.fix_missing_locations(tree)))


class _Mutator(ast.NodeTransformer):
    """Counts what could be wrong, and makes the one of number *target* so."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.seen: list[str] = []

    def _wrong(self, node: ast.expr | ast.stmt, what: str, wrong: ast.AST) -> ast.AST | None:
        here = self.target == len(self.seen)
        line, column = (
            getattr(node, "lineno", 0),
            getattr(node, "col_offset", 0),
        )
        self.seen.append(f"{line}:{column} {what}")
        return wrong if here else None

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(part) for part in node.body]
        node.args.defaults = [self.visit(part) for part in node.args.defaults]
        node.args.kw_defaults = [part and self.visit(part) for part in node.args.kw_defaults]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(part) for part in node.body]
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        made = None
        for place, operator in enumerate(node.ops):
            turned = TURNED[type(operator)]
            ops = [*node.ops[:place], turned(), *node.ops[place + 1 :]]
            wrong = ast.Compare(node.left, ops, node.comparators)
            made = self._wrong(node, f"{_name(operator)} to {turned.__name__}", wrong) or made
        return made or node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        turned = TURNED[type(node.op)]
        what = f"{_name(node.op)} to {turned.__name__}"
        made = self._wrong(node, what, ast.BoolOp(turned(), node.values))
        for place in range(len(node.values)):
            rest = node.values[:place] + node.values[place + 1 :]
            left = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            made = self._wrong(node, f"without condition {place + 1}", left) or made
        return made or node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if (
            type(node.op) not in TURNED
            or isinstance(node.left, TEXTS)
            or isinstance(node.right, ast.JoinedStr)
        ):
            return node
        turned = TURNED[type(node.op)]
        what = f"{_name(node.op)} to {turned.__name__}"
        return self._wrong(node, what, ast.BinOp(node.left, turned(), node.right)) or node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Not):
            return node
        return self._wrong(node, "without not", node.operand) or node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool):
            return self._wrong(node, f"not {node.value}", ast.Constant(not node.value)) or node
        if isinstance(node.value, int):
            return self._wrong(node, f"{node.value} plus 1", ast.Constant(node.value + 1)) or node
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if node.value is None or (isinstance(node.value, ast.Constant) and not node.value.value):
            return node  # None would do as well
        return self._wrong(node, "returns None", ast.Return(ast.Constant(None))) or node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        made = None
        for value in (True, False):
            wrong = ast.If(ast.Constant(value), node.body, node.orelse)
            made = self._wrong(node.test, f"if {value}", wrong) or made
        return made or node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        made = None
        for place, condition in enumerate(node.ifs):
            rest = node.ifs[:place] + node.ifs[place + 1 :]
            wrong = ast.comprehension(node.target, node.iter, rest, node.is_async)
            made = self._wrong(condition, "takes all", wrong) or made
        return made or node


def _name(operator: ast.AST) -> str:
    return type(operator).__name__
