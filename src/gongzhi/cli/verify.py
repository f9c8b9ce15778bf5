"""`gongzhi verify`: matters are what their events say, books what moved and was logged."""

from gongzhi.cli import say


def main(argv: list[str]) -> int:
    """Compare every matter with its events. Exit code 1 when one differs."""
    from gongzhi.cli import ledger
    from gongzhi.matters.queries import whole

    seen = wrong = 0
    for number, fault in whole.check():
        seen += 1
        if fault:
            wrong += 1
            print(f"{number}: {fault}", flush=True)
    if wrong:
        say.say(f"核对 {seen} 件，{wrong} 件不符。", f"{seen} matters checked, {wrong} differ.")
    else:
        say.say(f"核对 {seen} 件，全部相符。", f"{seen} matters checked, all are whole.")
    faults = (wrong, ledger.audit(), _logged())  # all three are told, whatever the first says
    return 1 if any(faults) else 0


def _logged() -> int:
    """Every transfer as the log holds it, the log as its head was signed; how many are not."""
    from gongzhi.ledger import logged
    from gongzhi.log import kept

    found = [*logged.differing(), *kept.differing()]
    for subject, what in found:
        print(f"{subject}: {what}", flush=True)
    if found:
        say.say(
            f"和存证对照，{len(found)} 处不符。", f"Against the log, {len(found)} entries differ."
        )
    else:
        say.say("和存证对照，全部相符。", "Against the log, all entries agree.")
    return len(found)
