"""`gongzhi manage ...`: Django's own commands on this installation's database."""

from django.core.management import execute_from_command_line


def main(argv: list[str]) -> int:
    """Hand the words on; Django prints and exits by itself."""
    execute_from_command_line(["gongzhi manage", *(argv or ["help"])])
    return 0
