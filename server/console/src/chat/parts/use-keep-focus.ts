import { useLayoutEffect } from 'react'

/** What had the focus vanishes when its question is answered; the focus then goes to its message instead of to nowhere. */
export function useKeepFocus(holder: React.RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = holder.current
    return () => {
      if (element?.contains(document.activeElement)) {
        element.closest<HTMLElement>('[data-message]')?.focus({ preventScroll: true })
      }
    }
  }, [holder])
}
