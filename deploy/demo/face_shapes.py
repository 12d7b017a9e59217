"""Heads, features and clothes: each function draws one mask. `face_hair.py` has the hair."""

from deploy.demo.face_parts import Pen, arc, mirrored

EYE_Y, EYE_LEFT, EYE_RIGHT = 154, 134, 186


def oval_head(pen: Pen) -> None:
    pen.shape(mirrored([(160, 76), (122, 86), (103, 126), (105, 168), (124, 205), (160, 223)]))
    _ears(pen)


def round_head(pen: Pen) -> None:
    pen.shape(mirrored([(160, 78), (119, 87), (100, 130), (103, 174), (127, 208), (160, 219)]))
    _ears(pen)


def square_head(pen: Pen) -> None:
    pen.shape(mirrored([(160, 75), (128, 81), (106, 108), (102, 142), (106, 178), (119, 204), (140, 219), (160, 223)]))
    _ears(pen)


def _ears(pen: Pen) -> None:
    pen.ellipse(102, 157, 22, 32)
    pen.ellipse(218, 157, 22, 32)


def neck(pen: Pen) -> None:
    pen.shape(mirrored([(137, 190), (137, 238), (142, 254), (160, 262)]))


def neck_shadow(pen: Pen) -> None:
    """The chin's shadow, which the head then covers but for a crescent."""
    pen.shape(mirrored([(138, 195), (138, 228), (160, 243)]))


def ear_hollows(pen: Pen) -> None:
    pen.ellipse(101, 158, 10, 17)
    pen.ellipse(219, 158, 10, 17)


def cheeks(pen: Pen) -> None:
    pen.ellipse(124, 180, 24, 16, ink=60)
    pen.ellipse(196, 180, 24, 16, ink=60)


def nose(pen: Pen) -> None:
    pen.line(arc(160, 173, 15, 11, 20, 160), 3.2)


def long_nose(pen: Pen) -> None:
    pen.line([(157, 158), (152, 174), (158, 178), (165, 176)], 3)


def wide_nose(pen: Pen) -> None:
    pen.line(arc(160, 172, 22, 12, 15, 165), 3.2)


def round_eyes(pen: Pen) -> None:
    for x in (EYE_LEFT, EYE_RIGHT):
        pen.ellipse(x, EYE_Y, 11, 13)
        pen.ellipse(x + 2.4, EYE_Y - 3, 3.6, 3.6, ink=0)


def laughing_eyes(pen: Pen) -> None:
    for x in (EYE_LEFT, EYE_RIGHT):
        pen.line(arc(x, EYE_Y + 3, 19, 15, 200, 340), 3.8)


def lashed_eyes(pen: Pen) -> None:
    round_eyes(pen)
    for x, side in ((EYE_LEFT, -1), (EYE_RIGHT, 1)):
        pen.line(arc(x, EYE_Y, 17, 14, 205, 335), 2.6)
        pen.line([(x + side * 7, EYE_Y - 4), (x + side * 12, EYE_Y - 8)], 2.2)


def almond_whites(pen: Pen) -> None:
    for x in (EYE_LEFT, EYE_RIGHT):
        pen.shape([(x - 12, EYE_Y + 1), (x - 5, EYE_Y - 7), (x + 5, EYE_Y - 7), (x + 12, EYE_Y + 1), (x, EYE_Y + 7)])


def straight_brows(pen: Pen) -> None:
    pen.line([(121, 137), (134, 133), (147, 136)], 4.4)
    pen.line([(199, 137), (186, 133), (173, 136)], 4.4)


def arched_brows(pen: Pen) -> None:
    pen.line([(121, 138), (133, 130), (147, 135)], 3.4)
    pen.line([(199, 138), (187, 130), (173, 135)], 3.4)


def heavy_brows(pen: Pen) -> None:
    pen.line([(120, 138), (133, 132), (148, 136)], 6.4)
    pen.line([(200, 138), (187, 132), (172, 136)], 6.4)


def smile(pen: Pen) -> None:
    pen.line(arc(160, 190, 38, 22, 25, 155), 3.8)


def small_smile(pen: Pen) -> None:
    pen.line(arc(160, 191, 26, 14, 20, 160), 3.8)


def lips(pen: Pen) -> None:
    pen.shape([(142, 194), (153, 191), (160, 193), (167, 191), (178, 194), (169, 202), (160, 204), (151, 202)])


def grin(pen: Pen) -> None:
    pen.shape([(139, 190), (160, 192), (181, 190), (176, 203), (160, 209), (144, 203)])


def teeth(pen: Pen) -> None:
    pen.shape([(143, 192), (160, 193), (177, 192), (173, 198), (160, 200), (147, 198)])


def full_beard(pen: Pen) -> None:
    outer = mirrored([(101, 150), (103, 178), (114, 208), (136, 229), (160, 233)])
    inner = mirrored([(109, 150), (117, 176), (126, 184), (141, 180), (160, 181)])
    pen.shape([*outer, *reversed(inner)])
    pen.shape([(142, 192), (160, 189), (178, 192), (172, 206), (160, 209), (148, 206)], ink=0)


def goatee(pen: Pen) -> None:
    pen.shape(mirrored([(160, 181), (143, 184), (137, 199), (141, 219), (160, 229)]))
    pen.shape([(145, 192), (160, 190), (175, 192), (170, 204), (160, 206), (150, 204)], ink=0)


def moustache(pen: Pen) -> None:
    pen.shape([(160, 181), (147, 182), (136, 192), (148, 193), (160, 189), (172, 193), (184, 192), (173, 182)])


def stubble(pen: Pen) -> None:
    jaw = mirrored([(103, 158), (106, 182), (124, 206), (160, 224)])
    pen.shape([*jaw, (204, 178), (160, 178), (116, 178)], ink=46)


def round_glasses(pen: Pen) -> None:
    for x in (EYE_LEFT - 1, EYE_RIGHT + 1):
        pen.ellipse(x, EYE_Y, 42, 40)
        pen.ellipse(x, EYE_Y, 35, 33, ink=0)
    _bridge(pen)


def square_glasses(pen: Pen) -> None:
    for x in (EYE_LEFT - 1, EYE_RIGHT + 1):
        pen.box(x - 22, EYE_Y - 17, x + 22, EYE_Y + 17, radius=9)
        pen.box(x - 18, EYE_Y - 13, x + 18, EYE_Y + 13, radius=6, ink=0)
    _bridge(pen)


def _bridge(pen: Pen) -> None:
    pen.line([(154, 151), (160, 148.5), (166, 151)], 3.6)
    pen.line([(112, 150), (102, 147)], 3.4)
    pen.line([(208, 150), (218, 147)], 3.4)


def earrings(pen: Pen) -> None:
    pen.ellipse(101, 177, 8, 8)
    pen.ellipse(219, 177, 8, 8)


def body(pen: Pen) -> None:
    pen.shape(mirrored([(160, 244), (132, 243), (98, 254), (64, 273), (48, 310), (40, 350), (160, 360)]))


def crew_collar(pen: Pen) -> None:
    pen.ellipse(160, 240, 68, 66)
    pen.box(100, 190, 220, 239, ink=0)


def crew_opening(pen: Pen) -> None:
    pen.ellipse(160, 240, 54, 52)


def deep_opening(pen: Pen) -> None:
    pen.shape([(132, 236), (146, 266), (160, 286), (174, 266), (188, 236), (160, 226)])


def shirt_collar(pen: Pen) -> None:
    for side in (-1, 1):
        pen.shape([(160 + side * 27, 236), (160 + side * 32, 250), (160 + side * 21, 278), (160 + side, 264)])


def shirt_front(pen: Pen) -> None:
    pen.line([(160, 268), (160, 330)], 2.4)
    for y in (288, 310):
        pen.ellipse(166, y, 4.5, 4.5)


def inner_shirt(pen: Pen) -> None:
    pen.shape([(130, 240), (142, 290), (150, 330), (170, 330), (178, 290), (190, 240), (160, 236)])


def lapels(pen: Pen) -> None:
    for side in (-1, 1):
        pen.shape([(160 + side * 32, 240), (160 + side * 47, 268), (160 + side * 35, 282), (160 + side * 8, 326)])


def hood(pen: Pen) -> None:
    pen.shape(mirrored([(160, 222), (120, 228), (106, 250), (122, 268), (160, 278)]))


def hood_strings(pen: Pen) -> None:
    pen.line([(145, 268), (143, 302)], 3.4)
    pen.line([(175, 268), (177, 298)], 3.4)
