"""The look of a command: help in two languages, examples, and texts found by the command's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Spoken(click.Command):
    """A command whose help speaks the current language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write `Usage: istmo ...`."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, text("cli.usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every option with its sentence, then the commands of a group."""
        options = [one for one in self.get_params(ctx) if isinstance(one, click.Option)]
        rows = [row for one in options if (row := one.get_help_record(ctx))]
        with formatter.section(text("cli.options")):
            formatter.write_dl(rows)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of a group with their short sentences; none of them is loaded for it."""
        with formatter.section(text("cli.commands")):
            names = self.list_commands(ctx) if isinstance(self, click.Group) else []
            formatter.write_dl([(name, self.sentence(name)) for name in names])

    def sentence(self, name: str) -> str:
        """The short sentence of a command below this one."""
        return text(f"cli.{self.name}.{name}.short")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the examples unwrapped: they are there to be copied."""
        if self.epilog:
            with formatter.section(text("cli.examples")):
                for line in self.epilog.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
            formatter.write("\n")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option `--help`, described in the current language."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = text("cli.help-option")
        return found


class Command(Spoken):
    """A command; its texts are `cli.<key>.help`, `.short` and `.examples`."""

    def __init__(
        self, key: str, callback: Callable[..., Any], params: Sequence[click.Parameter], **settings: Any
    ) -> None:
        name = key.rpartition(".")[2]
        super().__init__(
            name, callback=callback, params=list(params), help=text(f"cli.{key}.help"),
            epilog=text(f"cli.{key}.examples"), options_metavar=text("cli.options-word"), **settings,
        )  # fmt: skip


class Group(Spoken, click.Group):
    """A command that is followed by another word."""

    def __init__(self, name: str, **settings: Any) -> None:
        super().__init__(
            name, help=text(f"cli.{name}.help"), epilog=text(f"cli.{name}.examples"),
            options_metavar=text("cli.options-word"), subcommand_metavar=text("cli.command-word"), **settings,
        )  # fmt: skip

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The words that may follow, in the order in which they were added."""
        return list(self.commands)


class Option(click.Option):
    """An option whose sentence says everything: click's own additions are English."""

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:  # noqa: ARG002 - click's
        """Nothing beside the sentence."""
        return {}


def option(names: str, key: str, **settings: Any) -> Option:
    """An option from its names, separated by blanks, and the key of its sentence."""
    return Option(names.split(), help=text(key), **settings)


def argument(name: str, metavar: str, **settings: Any) -> click.Argument:
    """A positional argument."""
    return click.Argument([name], metavar=metavar, **settings)
