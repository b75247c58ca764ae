# SPDX-License-Identifier: LGPL-2.1-or-later
"""Results as a table, as TAP and as JSON."""

HEAD = f'{"":30}{"min":>11}{"median":>11}{"ratio":>10}   at most'


def ratio(row, results, other):
    """Ours to theirs; None if one of them was not measured."""
    which = row.judged_by
    ours = results[0]
    if not ours.samples or not other.samples or other.figure(which) <= 0:
        return None
    return ours.figure(which) / other.figure(which)


def goals(row, results):
    """(what, value or None, at most) of each goal of a row."""
    ours = results[0]
    if row.limit:
        value = ours.figure(row.judged_by) if ours.samples else None
        yield f'{ours.side.name}, {row.unit}', value, row.limit
    for result in results[1:]:
        if result.side.goal:
            yield f'to {result.side.name}', ratio(row, results, result), result.side.goal


def best_peer(row, results):
    """The fastest of those that do the same by other means, or None."""
    peers = [r for r in results[1:] if r.side.peer and r.samples]
    return min(peers, key=lambda r: r.figure(row.judged_by), default=None)


def verdict(value, most):
    return 'unknown' if value is None else 'met' if value <= most else 'MISSED'


def number(value):
    return f'{value:,.1f}' if abs(value) < 1e5 else f'{value:,.0f}'


def table(row, results):
    """The lines of a row."""
    unit = '' if row.unit == 'ns' else f' ({row.unit})'
    by = ' [by the median]' if row.judged_by == 'median' else ''
    yield f'{row.title}{unit}{by}'
    for result in results:
        line = f'  {result.side.name:28}'
        if not result.samples:
            yield f'{line}  skipped: {result.why}'
            continue
        line += f'{number(result.figure("min")):>11}{number(result.figure("median")):>11}'
        quotient = ratio(row, results, result) if result is not results[0] else None
        most = result.side.goal if result is not results[0] else row.limit
        line += f'{quotient:10.3f}' if quotient is not None else f'{"":10}'
        if most:
            value = quotient if result is not results[0] else result.figure(row.judged_by)
            line += f'   {most:<8g}{verdict(value, most)}'
        line = line.rstrip()
        if result.also:
            parts = ', '.join(f'{name} {number(value)}' for name, value in result.also.items())
            line += f'   ({parts})'
        yield line


def summary(measured):
    """The lines at the end: of [(row, results)]."""
    count = {'met': 0, 'MISSED': 0, 'unknown': 0}
    misses = []
    for row, results in measured:
        for what, value, most in goals(row, results):
            found = verdict(value, most)
            count[found] += 1
            if found == 'MISSED':
                misses.append(f'  MISSED: {row.title}: {what}: {value:.3g}, at most {most:g}')
    yield (f'Goals: {count["met"]} met, {count["MISSED"]} missed, {count["unknown"]} unknown.')
    yield from misses
    ahead = behind = 0
    for row, results in measured:
        best = best_peer(row, results)
        quotient = ratio(row, results, best) if best else None
        ahead += quotient is not None and quotient <= 1
        behind += quotient is not None and quotient > 1
    yield f'Ahead of the best peer in {ahead} rows of {ahead + behind}.'


def as_json(row, results):
    best = best_peer(row, results)
    sides = []
    for result in results:
        side = {'name': result.side.name, 'measure': '/'.join(result.side.key),
                'peer': result.side.peer and result is not results[0]}
        if not result.samples:
            sides.append({**side, 'skipped': result.why})
            continue
        side['min'] = round(result.figure('min'), 3)
        side['median'] = round(result.figure('median'), 3)
        side['max'] = round(max(result.samples), 3)
        side['repetitions'] = len(result.samples)
        side.update({name: round(value, 3) for name, value in result.also.items()})
        quotient = ratio(row, results, result)
        if quotient is not None and result is not results[0]:
            side['ratio'] = round(quotient, 4)
        sides.append(side)
    found = [{'what': what, 'value': value if value is None else round(value, 4),
              'at_most': most, 'verdict': verdict(value, most).lower()}
             for what, value, most in goals(row, results)]
    record = {'title': row.title, 'unit': row.unit, 'value': row.value,
              'judged_by': row.judged_by, 'sides': sides, 'goals': found}
    quotient = ratio(row, results, best) if best else None
    if quotient is not None:
        record['best_peer'] = best.side.name
        record['to_best_peer'] = round(quotient, 4)
    if row.plot:
        record['plot'] = row.plot
    return record


class Tap:
    """One point a row: whether its sides ran. A goal that is missed is told, but is no
    failure, since machines differ."""

    def __init__(self, spoken):
        self.spoken, self.number, self.bad = spoken, 0, 0

    def say(self, text=''):
        print('# ' + text if self.spoken and text else text, flush=True)

    def point(self, what, bad='', skipped=''):
        self.number += 1
        self.bad += bool(bad)
        if self.spoken:
            print('not ok' if bad else 'ok', self.number, what.replace('#', ''),
                  f'# SKIP {skipped}' if skipped else '', flush=True)
        for line in bad.splitlines():
            self.say(line)

    def end(self):
        if self.spoken:
            print(f'1..{self.number}')
        return self.bad == 0
