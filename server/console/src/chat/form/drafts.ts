import type { Typed } from './values.ts'

/** What the server has not got yet of a form, kept in the tab's storage: a reload in the middle of a word loses nothing. */
const key = (formId: string): string => `muster-form-${formId}`

export function readTyped(formId: string): Typed {
  try {
    return JSON.parse(sessionStorage.getItem(key(formId)) ?? '{}') as Typed
  } catch {
    return {}
  }
}

export function writeTyped(formId: string, typed: Typed): void {
  try {
    if (Object.keys(typed).length > 0) sessionStorage.setItem(key(formId), JSON.stringify(typed))
    else sessionStorage.removeItem(key(formId))
  } catch {
    // Storage may be full or off; then what is typed lives as long as the page.
  }
}
