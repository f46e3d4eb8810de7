"""etl apply PLAN → exactly what the plan holds is sent, or nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.at_alma import at_alma
from etl.cli.compiled import sources_of
from etl.cli.offered_ledger import offer_ledger
from etl.cli.options import PATH, common, option, report_option, report_place
from etl.cli.output import Format, Output
from etl.cli.plan_sink import delivery_of_plan
from etl.cli.summary import counted, tell
from etl.interruption import interruption
from etl.plan import sections
from etl.plugin import Target
from etl.problems import Refusal
from etl.registry import Registry
from etl.regular_files import open_file
from etl.run.apply_plan import Application
from etl.run.inputs import unreadable
from etl.run.pipeline import Delivery, not_begun
from etl.run.plan_sources import changes, fingerprints
from etl.run.report import Report, Stop
from etl.run.sealed_plan import SealedPlan, open_plan
from etl.spec.load import Spec, load

if TYPE_CHECKING:
    from etl.sinks.alma import AlmaOptions


def _there(ctx: click.Context, parameter: click.Parameter, plan: Path) -> Path:
    """A name that was mistyped is no plan that was refused. Raises Refusal (E601)."""
    del ctx, parameter
    try:
        open_file(plan).close()
    except OSError as error:
        raise Refusal(unreadable(plan, error)) from None
    return plan


@click.command("apply")
@click.argument("plan", type=PATH, callback=_there)
@option(
    "--canary",
    type=click.IntRange(1),
    metavar="N",
    help="Send N, verify them, then ask; without a terminal stop (with --yes: go on).",
)
@option("--yes", is_flag=True, help="Go on after the canary if it is stored as sent.")
@report_option("apply")
@common
def command(plan: Path, canary: int | None, yes: bool, report_folder: Path | None, form: Format) -> int:
    """Send what etl plan wrote, where it said, if the plan is whole and nothing it was made of has changed.

    Run it in the folder where the plan was made. With a canary, run it again to send the rest: what was
    posted is not posted twice. Exit code 1: some were not sent; 4: refused, nothing sent.
    """
    output = Output(form)
    try:
        sealed = open_plan(plan)
    except Refusal as refusal:
        output.problems(refusal.problems)
        return 4
    header = sealed.header
    folder = report_folder or report_place(header["name"], "apply")
    try:
        spec = _unchanged(sealed)
    except Refusal as refusal:
        report = Report(header["name"], header["target"], header["sink"]["type"], header["run_date"])
        report.files, report.stop = [str(plan)], Stop.PLAN
        return tell(output, not_begun(report, folder, refusal))
    delivery = delivery_of_plan(sealed, spec)
    target: Target = Registry.installed().get("targets", header["target"])()
    if canary and delivery.sink.name != "alma":
        raise click.UsageError("--canary is for plans that post to alma: files can be looked at and removed")
    offer_ledger(delivery)
    look = _Canary(sealed, target, delivery, canary or 0, yes, output)
    application = Application(sealed, target, delivery, spec, sections.guards(spec), canary or 0, look.go_on)
    return tell(output, application.run(folder))


@dataclass(slots=True)
class _Canary:
    """Looks at the first N in Alma before the others follow."""

    sealed: SealedPlan
    target: Target
    delivery: Delivery
    count: int
    yes: bool
    output: Output

    def go_on(self) -> bool:
        """Are they stored as sent, and is somebody for going on? Raises KeyboardInterrupt after a signal."""
        found = self._verified()
        interruption.look()
        with interruption.breaking():  # nothing is under way: Ctrl-C is an answer, also where nobody reads
            return self._agreed(found)

    def _agreed(self, found: list[Any]) -> bool:
        from etl.cli.verify import problems_of_check

        problems = [problem for one in found for problem in problems_of_check(one)]
        self.output.problems(problems)
        good = [
            one
            for one in found
            if one.there and one.status and not one.ended and not one.different and one.held is not False
        ]
        self.output.say(f"canary: {len(good)} of {self.count} stored as sent, as predicted")
        left = max(0, self.sealed.documents - self.count)
        if len(good) < min(self.count, self.sealed.documents):
            self.output.say("stopped: look at them in Alma; the others were not sent")
            return False
        if not left or self.yes:
            return True
        if sys.stdin.isatty() and self._confirmed(left):
            return True
        self.output.say(
            f"stopped after the canary, {counted(left, 'order')} not sent; "
            f"to send them: etl apply {self.sealed.path}"
        )
        return False

    def _confirmed(self, left: int) -> bool:
        try:
            return self.output.agreed(f"send {counted(left, 'more order')}?")
        except click.Abort:  # Ctrl-C, or the end of the input
            raise KeyboardInterrupt from None

    def _verified(self) -> list[Any]:
        from etl.alma.verify import Verifier
        from etl.cli.verify import settled
        from etl.ledger.database import open_database
        from etl.ledger.find import Wanted, find
        from etl.ledger.orders import State
        from etl.run.prediction import Predictor

        options: AlmaOptions = self.delivery.options  # type: ignore[assignment]
        keys = {
            one.item.key for _, one in zip(range(self.count), self.sealed.entries(self.target), strict=False)
        }
        engine = open_database(options.ledger, self.delivery.base, make=False)
        try:
            wanted = Wanted(states=[State.POSTED], institution=options.institution)
            orders = [
                one for one in find(engine, wanted) if one.key in keys and one.target == self.target.name
            ]
        finally:
            engine.dispose()
        predictor = Predictor(_institution(self.sealed))
        with at_alma(options, self.delivery.base) as alma:
            verifier = Verifier(alma.client, alma.patience, alma.ledger, predictor.of, options.language)
            return list(settled(verifier, orders, 60))


def _institution(sealed: SealedPlan) -> str | None:
    from etl.cli.verify import own_institution

    named: str | None = sealed.header["institution_file"]
    return named or own_institution(load(sealed.header["mapping"]))


def _unchanged(sealed: SealedPlan) -> Spec:
    """The mapping. Raises Refusal: E851 what the plan was made of has changed, or is not there any more."""
    header = sealed.header
    spec = load(header["mapping"])
    sources, problems = sources_of(spec, header["inputs"])
    wrong = [problem for problem in problems if problem.severity.stops]
    wrong = wrong or changes(
        header["files"], fingerprints(header["mapping"], sources, header["institution_file"])
    )
    if wrong:
        raise Refusal(wrong)
    return spec
