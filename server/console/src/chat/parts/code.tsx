import { useEffect, useState } from 'react'
import { CheckIcon, CopyIcon } from '../../app/icons.tsx'
import css from './parts.module.css'

const SAID_MS = 2_000

/** Code or any text whose form matters, with a button that copies it. */
export function CodePart({ text, language }: { text: string; language: string }) {
  return (
    <div className={css.code}>
      <div className={css.codeHead}>
        <span>{language}</span>
        <CopyButton text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  )
}

function CopyButton({ text }: { text: string }) {
  const [said, setSaid] = useState<'Copied' | 'Not copied'>()
  useEffect(() => {
    if (!said) return
    const timer = window.setTimeout(() => setSaid(undefined), SAID_MS)
    return () => window.clearTimeout(timer)
  }, [said])
  const copy = async (): Promise<void> => setSaid((await toClipboard(text)) ? 'Copied' : 'Not copied')
  return (
    <button type="button" className={css.copy} onClick={copy} data-testid="copy">
      {said === 'Copied' ? <CheckIcon size={15} /> : <CopyIcon size={15} />}
      <span aria-live="polite">{said ?? 'Copy'}</span>
    </button>
  )
}

/** The clipboard API is missing on plain http; the old way is not. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    field.style.position = 'fixed'
    document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}
