import css from '../app/settings.module.css'
import { CodePart } from '../chat/parts/code.tsx'
import type { Trigger } from './api.ts'

/** What the other side is told. The secret is in the answer that made it, and nowhere else. */
export function Secret({ trigger: { name, url, secret } }: { trigger: Trigger }) {
  return (
    <div role="status" data-testid="trigger-secret">
      <p className={css.good}>{name}: give the other side these two. The secret is shown this once.</p>
      <CodePart text={url} language="Address" />
      {secret !== undefined && <CodePart text={secret} language="Secret" />}
    </div>
  )
}
