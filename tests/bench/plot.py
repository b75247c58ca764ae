# SPDX-License-Identifier: LGPL-2.1-or-later
"""A bar chart as SVG: what libgco takes, beside the best of its peers, by a logarithmic
scale. Blue is less and orange is more, which those see apart who do not see all colours; so
does the side of the line. The greys can be read on white and on black, since not every
viewer tells a picture which of them it is on."""

import math
from xml.sax.saxutils import escape

ROW, BAR, TOP, BOTTOM = 22, 13, 74, 66
LABEL, WIDTH, RIGHT = 290, 380, 330
RATIO, OURS, THEIRS = LABEL + WIDTH + 50, LABEL + WIDTH + 126, LABEL + WIDTH + 142
TITLE = 'What libgco takes, as a multiple of what the best of its peers takes'
BLUE, ORANGE, GREY = '#3987c9', '#d5751e', '#7b838d'

STYLE = f'''
text {{ font: 13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif; fill: {GREY} }}
.title {{ font-size: 16px; font-weight: 600 }}
.small {{ font-size: 11px }}
.number {{ font-variant-numeric: tabular-nums }}
.end {{ text-anchor: end }} .middle {{ text-anchor: middle }}
.grid {{ stroke: {GREY}; stroke-opacity: .28 }}
.fine {{ stroke: {GREY}; stroke-opacity: .12 }}
.one {{ stroke: {GREY}; stroke-width: 1.5 }}
.less {{ fill: {BLUE} }} .more {{ fill: {ORANGE} }}
@media (prefers-color-scheme: light) {{ text {{ fill: #3d444d }} }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #c3cad2 }} }}
'''


def text(x, y, words, kind=''):
    # an attribute beside the style: some viewers have no styles
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{GREY}"'
            + (f' class="{kind}"' if kind else '') + f'>{escape(words)}</text>')


def line(x, y1, y2, kind):
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y1}" y2="{y2}" class="{kind}"/>'


def times(value):
    return f'{value:.2g}' if value < 0.1 else f'{value:.2f}' if value < 10 else f'{value:.0f}'


def figure(value, unit):
    if unit == 'bytes':
        return f'{value / 1000:.1f} kB'
    for limit, divisor, name in ((1e3, 1, 'ns'), (1e6, 1e3, 'µs'), (1e99, 1e6, 'ms')):
        if value < limit:
            return f'{value / divisor:.3g} {name}'
    return ''


def bars(records):
    """(label, ratio, (ours, theirs)) of the rows that are to be shown."""
    for record in records:
        if 'plot' not in record or 'to_best_peer' not in record:
            continue
        ours = record['sides'][0][record['judged_by']]
        theirs = ours / record['to_best_peer']
        yield (record['plot'], record['to_best_peer'],
               (figure(ours, record['unit']),
                f'{figure(theirs, record["unit"])} {record["best_peer"]}'))


def draw(results):
    """The text of the picture of what --json writes."""
    rows = list(bars(results['rows']))
    values = [value for _, value, _ in rows] or [1]
    low = min(math.floor(math.log10(min(values))), -1)
    high = max(math.log10(max(values) * 1.1), math.log10(2))
    bottom = TOP + ROW * len(rows)
    skipped = '; not measured: ' + ', '.join(results['skipped']) if results['skipped'] else ''
    total = LABEL + WIDTH + RIGHT

    def x(value):
        return LABEL + WIDTH * (math.log10(value) - low) / (high - low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {bottom + BOTTOM}" '
           f'width="{total}" height="{bottom + BOTTOM}" role="img">',
           f'<title>{TITLE}</title>',
           f'<style>{STYLE}</style>',
           text(8, 26, TITLE, 'title'),
           text(x(1) - 8, TOP - 12, '← less', 'end'),
           text(x(1), TOP - 12, '1', 'middle number'),
           text(x(1) + 8, TOP - 12, 'more →'),
           text(RATIO, TOP - 12, 'ratio', 'end'),
           text(OURS, TOP - 12, 'libgco', 'end'),
           text(THEIRS, TOP - 12, 'best peer')]
    for k in range(low, math.ceil(high)):
        for digit in (1, 2, 5):
            value = digit * 10 ** k
            if low <= math.log10(value) <= high:
                kind = 'one' if value == 1 else 'grid' if digit == 1 else 'fine'
                out.append(line(x(value), TOP, bottom, kind))
                if digit == 1:
                    out.append(text(x(value), bottom + 18, f'{value:g}', 'middle number'))
    for i, (label, value, (ours, theirs)) in enumerate(rows):
        y = TOP + ROW * i + (ROW - BAR) / 2
        left, right = sorted((x(value), x(1)))
        out += [text(LABEL - 10, y + 11, label, 'end'),
                f'<rect x="{left:.1f}" y="{y:.1f}" width="{max(right - left, 1):.1f}" '
                f'height="{BAR}" rx="2" class="{"less" if value <= 1 else "more"}" '
                f'fill="{BLUE if value <= 1 else ORANGE}"/>',
                text(RATIO, y + 11, times(value), 'end number'),
                text(OURS, y + 11, ours, 'end number'),
                text(THEIRS, y + 11, theirs, 'number')]
    out += [text(8, bottom + BOTTOM - 26, results['machine'], 'small'),
            text(8, bottom + BOTTOM - 9, results['versions'] + skipped, 'small')]
    return '\n'.join(out) + '\n</svg>\n'
