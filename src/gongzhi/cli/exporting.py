"""`gongzhi export roster FILE --place CODE`: the roster of a place, masked."""

import getpass
import sys
from pathlib import Path

from gongzhi.cli import say
from gongzhi.cli.importing import find_place


def main(argv: list[str]) -> int:
    """Write the masked roster. Full numbers only leave through a member of staff who signed in."""
    from django.utils import timezone

    from gongzhi.core.errors import Refused
    from gongzhi.people import roster
    from gongzhi.people.permissions import Post, Viewer

    words = list(argv)
    code = ""
    if "--place" in words[:-1]:
        at = words.index("--place")
        code = words[at + 1]
        del words[at : at + 2]
    if len(words) != 2 or words[0] != "roster":
        say.say("用法：gongzhi export roster 文件.xlsx [--place 代码]",
                "Usage: gongzhi export roster FILE.xlsx [--place CODE]")  # fmt: skip
        return 2
    try:
        place = find_place(code)
        # Whoever sits at the server is noted by the name he signed in to it with.
        server = Viewer(name=f"服务器 {getpass.getuser()}", posts=(
            Post("security_admin", place.pk, place.path, place.name, place.kind),))  # fmt: skip
        data = roster.export_roster(viewer=server, place=place, at=timezone.now())
        Path(words[1]).write_bytes(data)
    except Refused as refused:
        raise say.Trouble(
            f"{refused.words}{refused.todo}", f"{refused.words}{refused.todo}"
        ) from None
    except OSError as error:
        raise say.Trouble(f"写不了文件 {words[1]}：{error.strerror}。",
                          f"Cannot write {words[1]}: {error.strerror}.") from error  # fmt: skip
    say.say(
        f"已导出（证件号码和手机号已隐去）：{words[1]}", f"Exported, numbers masked: {words[1]}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
