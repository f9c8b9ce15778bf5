"""Pictures of goods for the shelf: drawn, so that nobody takes them for somebody's real goods."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw

WIDE, HIGH = 480, 360
Shape = tuple[str, Sequence[float], str]  # what, where, colour
INK, CREAM, RED, GREEN, BLUE, STRAW = (
    "#3d3a36", "#fbf7ee", "#b5432c", "#4c7a4f", "#3f6c91", "#d9b25f",
)  # fmt: skip
DRAWN: dict[str, tuple[Shape, ...]] = {
    "大米10斤": (("box", (150, 90, 330, 320), CREAM), ("box", (150, 150, 330, 230), RED),
               ("oval", (200, 160, 280, 220), CREAM), ("box", (175, 70, 305, 95), STRAW)),
    "菜籽油5升": (("box", (180, 110, 300, 325), STRAW), ("box", (215, 60, 265, 112), GREEN),
               ("box", (180, 185, 300, 265), CREAM)),
    "土鸡蛋30枚": tuple(("oval", (105 + 90 * (n % 3), 80 + 120 * (n // 3), 185 + 90 * (n % 3),
                       185 + 120 * (n // 3)), STRAW) for n in range(6)),
    "上门保洁2小时": (("line", (250, 60, 250, 230), INK), ("box", (190, 225, 310, 260), BLUE),
                *(("line", (x, 260, x - 8, 320), BLUE) for x in range(200, 310, 18))),
    "油烟机清洗": (("box", (130, 110, 350, 190), INK), ("box", (205, 50, 275, 112), INK),
               ("oval", (160, 200, 230, 270), BLUE), ("oval", (250, 200, 320, 270), BLUE)),
    "修鞋换底": (("box", (130, 200, 340, 250), INK), ("box", (130, 130, 215, 205), RED),
              ("oval", (200, 160, 345, 240), RED), ("box", (130, 250, 350, 268), INK)),
    "配钥匙": (("oval", (110, 130, 210, 230), STRAW), ("oval", (138, 158, 182, 202), CREAM),
             ("box", (205, 168, 365, 192), STRAW), ("box", (315, 190, 335, 225), STRAW)),
    "抽纸一提": (("box", (120, 150, 360, 290), BLUE), ("oval", (190, 110, 290, 170), CREAM)),
    "洗衣液一瓶": (("box", (185, 120, 300, 320), BLUE), ("box", (215, 70, 260, 122), RED),
               ("box", (185, 190, 300, 260), CREAM)),
    "挂面三斤": (*(("line", (x, 80, x, 310), STRAW) for x in range(165, 320, 9)),
              ("box", (150, 170, 330, 225), RED)),
    "洗洁精": (("box", (195, 130, 285, 320), GREEN), ("box", (225, 75, 255, 132), CREAM),
             ("box", (195, 195, 285, 250), CREAM)),
    "雨伞": (("half", (110, 80, 370, 320), RED), ("line", (240, 200, 240, 320), INK)),
}  # fmt: skip


def of(name: str) -> bytes:
    """The picture of an offer by its name, as a camera would send it; a plain sheet for others."""
    sheet = Image.new("RGB", (WIDE, HIGH), "#e8ecdf")
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((60, 300, 420, 345), fill="#d3d9c6")
    for what, where, colour in DRAWN.get(name, ()):
        if what == "box":
            pen.rounded_rectangle(tuple(where), 12, fill=colour)
        elif what == "oval":
            pen.ellipse(tuple(where), fill=colour)
        elif what == "half":
            pen.pieslice(tuple(where), 180, 360, fill=colour)
        else:
            pen.line(tuple(where), fill=colour, width=7)
    made = BytesIO()
    sheet.save(made, "JPEG", quality=80)
    return made.getvalue()
