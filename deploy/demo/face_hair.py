"""Hair: each style has what hangs behind the head and what lies on it."""

from deploy.demo.face_parts import Pen, arc, mirrored


def nothing(pen: Pen) -> None:
    """Draws no hair."""


def side_part(pen: Pen) -> None:
    pen.shape([(101, 146), (95, 108), (116, 72), (160, 59), (206, 70), (226, 108), (219, 146), (213, 124), (198, 106),
               (160, 104), (136, 96), (118, 108), (108, 126)])  # fmt: skip


def quiff(pen: Pen) -> None:
    pen.shape([(102, 142), (98, 108), (112, 84), (120, 62), (160, 46), (204, 56), (214, 80), (222, 108), (218, 142),
               (211, 116), (196, 98), (160, 92), (128, 97), (110, 116)])  # fmt: skip


def crop(pen: Pen) -> None:
    pen.shape([(102, 138), (99, 106), (118, 76), (160, 66), (202, 76), (221, 106), (218, 138), (212, 112), (196, 98),
               (160, 94), (124, 98), (108, 112)])  # fmt: skip


def swept(pen: Pen) -> None:
    pen.shape([(102, 144), (96, 104), (114, 72), (156, 54), (208, 64), (228, 104), (219, 144), (212, 116), (186, 112),
               (150, 102), (124, 84), (112, 112)])  # fmt: skip


def curls(pen: Pen) -> None:
    for x, y in [*arc(160, 116, 118, 96, 185, 355, 10), *arc(160, 104, 70, 56, 190, 350, 5)]:
        pen.ellipse(x, y, 34, 34)


def balding(pen: Pen) -> None:
    for side in (-1, 1):
        pen.shape([(160 + side * 57, 108), (160 + side * 64, 120), (160 + side * 62, 150), (160 + side * 53, 146)])


def afro_back(pen: Pen) -> None:
    for x, y in arc(160, 118, 136, 124, 150, 390, 17):
        pen.ellipse(x, y, 48, 48)
    pen.ellipse(160, 116, 150, 132)


def afro_front(pen: Pen) -> None:
    pen.shape([(101, 140), (96, 100), (124, 66), (160, 58), (196, 66), (224, 100), (219, 140), (212, 112), (190, 97),
               (160, 94), (130, 97), (108, 112)])  # fmt: skip


def long_back(pen: Pen) -> None:
    pen.shape(mirrored([(160, 56), (112, 68), (88, 110), (86, 180), (78, 250), (98, 282), (160, 286)]))


def wavy_back(pen: Pen) -> None:
    pen.shape(mirrored([(160, 54), (108, 66), (80, 108), (88, 146), (72, 184), (84, 218), (70, 256), (100, 284),
                        (160, 282)]))  # fmt: skip


def bob_back(pen: Pen) -> None:
    pen.shape(mirrored([(160, 56), (110, 66), (86, 108), (84, 164), (80, 206), (104, 220), (160, 216)]))


def middle_part(pen: Pen) -> None:
    for side in (-1, 1):
        pen.shape([(160 + side * -4, 64), (160 + side * 34, 60), (160 + side * 66, 94), (160 + side * 71, 146),
                   (160 + side * 66, 190), (160 + side * 55, 158), (160 + side * 46, 126), (160 + side * 22, 104),
                   (160, 84)])  # fmt: skip


def long_side_part(pen: Pen) -> None:
    pen.shape([(94, 196), (90, 142), (96, 92), (128, 62), (172, 56), (214, 76), (230, 124), (228, 196), (216, 156),
               (206, 122), (178, 112), (146, 100), (134, 84), (124, 110), (108, 132), (104, 160)])  # fmt: skip


def fringe(pen: Pen) -> None:
    pen.shape([(95, 190), (90, 136), (100, 88), (134, 62), (186, 62), (220, 88), (230, 136), (225, 190), (216, 150),
               (208, 126), (184, 121), (160, 124), (136, 121), (112, 126), (104, 150)])  # fmt: skip


def pixie(pen: Pen) -> None:
    pen.shape([(99, 160), (92, 120), (104, 78), (148, 56), (200, 64), (226, 100), (222, 158), (214, 132), (200, 104),
               (176, 118), (140, 124), (114, 122), (107, 140)])  # fmt: skip


def swept_up(pen: Pen) -> None:
    pen.shape([(100, 148), (96, 106), (118, 72), (160, 60), (202, 72), (224, 106), (220, 148), (212, 120), (192, 98),
               (160, 91), (128, 98), (108, 120)])  # fmt: skip


def bun_back(pen: Pen) -> None:
    pen.ellipse(160, 54, 62, 54)


def tail_back(pen: Pen) -> None:
    pen.shape([(200, 78), (236, 84), (254, 128), (246, 188), (256, 236), (234, 246), (222, 200), (214, 130)])


def braids_back(pen: Pen) -> None:
    for side in (-1, 1):
        for step in range(7):
            pen.ellipse(160 + side * (68 + step % 2 * 3), 168 + 17 * step, 25 - step, 23)


def curly_back(pen: Pen) -> None:
    for x, y in arc(160, 150, 146, 178, 115, 425, 22):
        pen.ellipse(x, y, 46, 46)
    pen.ellipse(160, 146, 150, 170)


def curly_front(pen: Pen) -> None:
    for x, y in [*arc(160, 122, 122, 98, 180, 360, 11), *arc(160, 104, 76, 54, 185, 355, 6)]:
        pen.ellipse(x, y, 32, 32)


def scarf_back(pen: Pen) -> None:
    pen.shape(mirrored([(160, 54), (110, 68), (86, 116), (88, 180), (98, 226), (84, 262), (110, 290), (160, 296)]))


def scarf_front(pen: Pen) -> None:
    pen.shape(mirrored([(160, 54), (110, 68), (86, 116), (88, 180), (108, 228), (128, 258), (160, 266)]))
    pen.shape(mirrored([(160, 92), (126, 101), (109, 134), (111, 174), (130, 208), (160, 224)]), ink=0)


def scarf_fold(pen: Pen) -> None:
    pen.line([(104, 212), (136, 244), (184, 250), (214, 232)], 3.2)
    pen.line([(120, 78), (160, 68), (200, 78)], 2.6)


HAIR_OF_WOMEN = [
    (long_back, middle_part),
    (long_back, long_side_part),
    (wavy_back, long_side_part),
    (wavy_back, middle_part),
    (bob_back, fringe),
    (bob_back, long_side_part),
    (long_back, fringe),
    (bun_back, swept_up),
    (tail_back, swept_up),
    (nothing, pixie),
    (curly_back, curly_front),
]
HAIR_OF_MEN = [
    (nothing, side_part),
    (nothing, side_part),
    (nothing, quiff),
    (nothing, crop),
    (nothing, crop),
    (nothing, swept),
    (nothing, curls),
    (nothing, balding),
    (nothing, nothing),
]
# Also seen on people with dark skin.
TIGHT_CURLS_OF_WOMEN = [(afro_back, afro_front), (curly_back, curly_front), (braids_back, swept_up)]
TIGHT_CURLS_OF_MEN = [(nothing, crop), (nothing, nothing), (afro_back, afro_front)]
