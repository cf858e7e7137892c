import type { Problem } from '#core/errors.ts'
import type { Word } from './line.ts'
import { type Argument, isLiteral, isWideKind, labelOf, type Slot } from './spec.ts'
import { readScalar, shown } from './values.ts'

/** The words an argument gets; one unless it is `rest` or `text`. */
export interface Fill {
  argument: Argument
  words: readonly Word[]
}

export interface Fit {
  fills: Fill[]
  problems: Problem[]
}

/**
 * Gives each argument its words. Optional arguments may be missing anywhere, so every choice of them is tried (few
 * commands have more than two): the fitting one in which most words were recognised wins, then the one that fills the
 * earliest. When none fits, the problems of the nearest one are told.
 */
export function fitWords(slots: readonly Slot[], words: readonly Word[]): Fit {
  const fits = choicesOf(slots)
    .map((chosen) => ({
      fit: fitExactly(chosen, words),
      recognised: recognisedIn(chosen),
      size: chosen.length,
      chosen,
    }))
    .filter(({ chosen, fit }) => !mistakesId(slots, chosen, fit))
  const whole = fits.filter(({ fit }) => fit.problems.length === 0)
  const best = whole.length > 0 ? minBy(whole, (a, b) => b.recognised - a.recognised) : minBy(fits, nearest)
  return best?.fit ?? { fills: [], problems: [] }
}

/** `/reject rev_1` lacks its reason: what looks like the id that was left out is never anybody's first word of text. */
function mistakesId(slots: readonly Slot[], chosen: readonly Slot[], fit: Fit): boolean {
  const left = slots.filter((slot): slot is Argument => !chosen.includes(slot) && !isLiteral(slot))
  const free = fit.fills.filter(({ argument }) => !isRecognisable(argument)).flatMap(({ words }) => words.slice(0, 1))
  return left.some(({ pattern }) => free.some(({ text, quoting }) => quoting === 'none' && pattern?.test(text)))
}

const nearest = (a: { fit: Fit; size: number }, b: { fit: Fit; size: number }): number =>
  a.fit.problems.length - b.fit.problems.length || b.size - a.size

/** Every subset of the optional slots with all required ones, those that keep early slots first. */
function choicesOf(slots: readonly Slot[]): Slot[][] {
  return slots.reduceRight<Slot[][]>(
    (tails, slot) => {
      const kept = tails.map((tail) => [slot, ...tail])
      return slot.optional ? kept.concat(tails) : kept
    },
    [[]],
  )
}

const isRecognisable = (slot: Slot): boolean =>
  isLiteral(slot) ||
  slot.choices !== undefined ||
  slot.pattern !== undefined ||
  slot.kind === 'amount' ||
  slot.kind === 'integer'

const recognisedIn = (slots: readonly Slot[]): number => slots.filter(isRecognisable).length

const isWide = (slot: Slot): boolean => !isLiteral(slot) && isWideKind(slot.kind)

/** Two wide arguments stand on both sides of a filler; its last place in the line parts them: names may hold a `to`. */
function fitExactly(slots: readonly Slot[], words: readonly Word[]): Fit {
  const wide = slots.flatMap((slot, index) => (isWide(slot) ? [index] : []))
  const middle = wide.length > 1 ? slots.findIndex((slot, index) => index > (wide[0] ?? 0) && isLiteral(slot)) : -1
  const literal = slots[middle]
  const at = literal ? words.slice(0, -1).findLastIndex((word, index) => index > 0 && isThisLiteral(literal, word)) : -1
  if (!literal || at === -1) return fitAround(slots, words, wide[0] ?? -1)
  const left = fitAround(slots.slice(0, middle), words.slice(0, at), wide[0] ?? -1)
  const right = fitExactly(slots.slice(middle + 1), words.slice(at + 1))
  return { fills: [...left.fills, ...right.fills], problems: [...left.problems, ...right.problems] }
}

/** One wide argument at most: what stands before it takes words from the left, what stands behind it from the right. */
function fitAround(slots: readonly Slot[], words: readonly Word[], wide: number): Fit {
  const spare = words.length - slots.length
  const fit: Fit = { fills: [], problems: [] }
  let at = 0
  for (const [index, slot] of slots.entries()) {
    const count = index === wide ? Math.max(1, 1 + spare) : 1
    fillSlot(fit, slot, words.slice(at, at + count))
    at += count
  }
  const [surplus] = words.slice(at)
  if (surplus) fit.problems.push({ path: '', message: `There is no place for ${shown(surplus.text)}.` })
  return fit
}

function fillSlot(fit: Fit, slot: Slot, words: readonly Word[]): void {
  const [word] = words
  const path = isLiteral(slot) ? '' : slot.name
  if (!word) {
    fit.problems.push({
      path,
      message: isLiteral(slot) ? `“${slot.literal}” is missing.` : `<${labelOf(slot)}> is missing.`,
    })
  } else if (isLiteral(slot)) {
    if (isThisLiteral(slot, word)) return
    fit.problems.push({ path, message: `“${slot.literal}” is missing before ${shown(word.text)}.` })
  } else {
    const problem = isWide(slot) ? undefined : problemOf(slot, word)
    if (problem) fit.problems.push({ path, message: `<${labelOf(slot)}> ${problem}.` })
    else fit.fills.push({ argument: slot, words })
  }
}

function problemOf(argument: Argument, word: Word): string | undefined {
  const read = readScalar(argument, word)
  return 'problem' in read ? read.problem : undefined
}

const isThisLiteral = (slot: Slot, word: Word): boolean =>
  isLiteral(slot) && word.quoting === 'none' && word.text.toLowerCase() === slot.literal.toLowerCase()

/** The first of the least: the order of the list decides between equals. */
function minBy<T>(items: readonly T[], compare: (a: T, b: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (least, item) => (least === undefined || compare(item, least) < 0 ? item : least),
    undefined,
  )
}
