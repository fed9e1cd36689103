"""Writes SVG files that read well on a light and on a dark page: they bring their own paper."""
import html

INK, GREY, LINE, PAPER = "#1f2328", "#57606a", "#c9d1d9", "#f6f8fa"
BLUE, GREEN, ORANGE = ("#2f6db5", "#d3e5f8"), ("#2c8a4b", "#d5f0dc"), ("#b8650f", "#fde6cb")
SANS = "DejaVu Sans, Verdana, Arial, sans-serif"
MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"


def text_width(text, size):
    """An upper estimate for a sans-serif font; viewers have different ones."""
    return 0.62 * size * len(text)


class Picture:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.parts = []

    def box(self, x, y, width, height, fill, stroke, radius=4, thin=False, dash=None):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="{radius}" fill="{fill}" stroke="{stroke}" '
            f'stroke-width="{0.6 if thin else 1.2}"{dashed}/>')

    def line(self, x1, y1, x2, y2, color, dash=None, end=""):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{color}"{dashed}{end}/>')

    def arrow(self, x1, y1, x2, y2):
        self.line(x1, y1, x2, y2, GREY, end=' marker-end="url(#arrow)"')

    def text(self, x, y, text, size, color=INK, bold=False, mono=False, anchor="start"):
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" '
            f'font-family="{MONO if mono else SANS}" text-anchor="{anchor}"{weight} '
            f'xml:space="preserve">{html.escape(text, quote=False)}</text>')

    def room(self, name, x, y, width, height, text, is_private):
        """A room of the ladder; a test reads the names."""
        color = ORANGE if is_private else BLUE
        self.parts.append(f'<g class="room" id="{name}">')
        self.box(x, y, width, height, color[1], color[0], dash="4 3" if is_private else None)
        self.text(x + width / 2, y + height / 2 + 4, text, 11, anchor="middle")
        self.parts.append("</g>")

    def save(self, path):
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
                f'height="{self.height}" viewBox="0 0 {self.width} {self.height}">\n'
                '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
                f'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{GREY}"/>'
                '</marker></defs>\n'
                f'<rect width="{self.width}" height="{self.height}" rx="8" fill="#ffffff" '
                f'stroke="{LINE}"/>\n')
        path.write_text(head + "\n".join(self.parts) + "\n</svg>\n")
