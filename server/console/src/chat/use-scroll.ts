import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** What is left free above a message that is too tall for the screen. */
const ABOVE_PX = 12
/** Nearer to the end than this counts as being there. */
const NEAR_PX = 48

interface Anchor {
  element: Element
  topPx: number
}

/**
 * Keeps the reader where they are: at the end when they are at the end, and otherwise on the same message, whatever
 * comes in, grows or is loaded above. `version` changes whenever the messages do.
 */
export function useScroll(version: unknown) {
  const box = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const anchor = useRef<Anchor>(undefined)
  const newest = useRef<string>(undefined)
  const [isAway, setAway] = useState(false)

  const toEnd = useCallback(() => {
    isAtEnd.current = true
    setAway(false)
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }, [])

  const onScroll = useCallback(() => {
    const element = box.current
    if (!element) return
    isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX
    setAway(!isAtEnd.current)
    anchor.current = isAtEnd.current ? undefined : anchorIn(element, content.current)
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs after every change of the messages, before it is seen
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const news = newestIn(content.current)
    const isNews = news !== undefined && news.dataset.message !== newest.current
    newest.current = news?.dataset.message
    if (isAtEnd.current && isNews && news.clientHeight > element.clientHeight) {
      // Too tall to be seen whole: a form, a long result. It is read from its beginning.
      element.scrollTop += topIn(element, news) - ABOVE_PX
    } else if (isAtEnd.current) element.scrollTop = element.scrollHeight
    else if (anchor.current) element.scrollTop += topIn(element, anchor.current.element) - anchor.current.topPx
  }, [version])

  useKeepAtEnd(box, content, isAtEnd)
  return { box, content, onScroll, toEnd, isAway }
}

/** The composer grows, a phone's keyboard opens, a preview unfolds: the end stays in view. */
function useKeepAtEnd(
  box: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  isAtEnd: RefObject<boolean>,
): void {
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
    })
    for (const element of [box.current, content.current]) if (element) observer.observe(element)
    return () => observer.disconnect()
  }, [box, content, isAtEnd])
}

/** The first message that can be seen, and where it stands. */
function anchorIn(box: HTMLElement, content: HTMLElement | null): Anchor | undefined {
  for (const element of content?.querySelectorAll('[data-message]') ?? []) {
    const topPx = topIn(box, element)
    if (topPx + element.clientHeight > 0) return { element, topPx }
  }
  return undefined
}

const topIn = (box: HTMLElement, element: Element): number =>
  element.getBoundingClientRect().top - box.getBoundingClientRect().top

const newestIn = (content: HTMLElement | null): HTMLElement | undefined =>
  [...(content?.querySelectorAll<HTMLElement>('[data-message]') ?? [])].at(-1)
