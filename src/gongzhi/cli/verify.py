"""`gongzhi verify`: every matter is what its events say it is, every balance what moved."""

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
    books = ledger.audit()
    return 1 if wrong or books else 0
