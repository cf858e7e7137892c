import { Skeleton } from '@mantine/core'
import { Link } from 'react-router'
import { sentenceOf } from '../api/client.ts'
import type { Run } from '../api/types.ts'
import { FilePart } from '../chat/parts/file.tsx'
import { Fold } from './fold.tsx'
import { Moment } from './moment.tsx'
import { useRunFiles, useVariant } from './queries.ts'
import css from './runs.module.css'
import { Values } from './value.tsx'
import { VariantActions } from './variant-actions.tsx'

/** What a run brought: its outputs, or each of several variants of them, and its files. */
export function Result({ run }: { run: Run }) {
  const { outputs, variants } = run
  const hasOutputs = outputs !== null && Object.keys(outputs).length > 0
  return (
    <>
      {variants.length > 0 ? (
        <section className={css.section} aria-labelledby="run-result" data-testid="run-result">
          <h2 id="run-result">{variants.length > 1 ? `${variants.length} variants` : 'Result'}</h2>
          {variants.map((id, index) => (
            <Variant key={id} run={run} variantId={id} isOnly={variants.length === 1} isFirst={index === 0} />
          ))}
        </section>
      ) : (
        hasOutputs && (
          <section className={css.section} aria-labelledby="run-result" data-testid="run-result">
            <h2 id="run-result">Result</h2>
            <Values values={outputs} isProse />
          </section>
        )
      )}
      <Files runId={run.id} />
    </>
  )
}

interface VariantProps {
  run: Run
  variantId: string
  isOnly: boolean
  isFirst: boolean
}

function Variant({ run, variantId, isOnly, isFirst }: VariantProps) {
  const variant = useVariant(run.id, variantId)
  if (variant.isError) return <p role="alert">{sentenceOf(variant.error)}</p>
  if (!variant.data) return <Skeleton height={80} radius={12} />
  const { number, outputs, accepted, sourceRunId } = variant.data
  const note = (
    <>
      {accepted && (
        <span className={css.accepted}>
          Accepted on <Moment at={accepted.at} />
        </span>
      )}
      {sourceRunId !== run.id && <Link to={`/runs/${sourceRunId}`}>Its run</Link>}
    </>
  )
  if (isOnly) {
    return (
      <>
        {(accepted || sourceRunId !== run.id) && <p className={css.note}>{note}</p>}
        <Values values={outputs} isProse />
        <VariantActions run={run} variantId={variantId} />
      </>
    )
  }
  return (
    <Fold summary={`Variant ${number}${accepted ? ' · accepted' : ''}`} isOpen={isFirst} testId="variant">
      <div className={css.variant}>
        <p className={css.note}>{note}</p>
        <Values values={outputs} isProse />
        <VariantActions run={run} variantId={variantId} />
      </div>
    </Fold>
  )
}

function Files({ runId }: { runId: string }) {
  const files = useRunFiles(runId)
  if (files.isError) {
    return (
      <section className={css.section} aria-labelledby="run-files">
        <h2 id="run-files">Files</h2>
        <p role="alert">{sentenceOf(files.error)}</p>
      </section>
    )
  }
  if (!files.data || files.data.length === 0) return null
  return (
    <section className={css.section} aria-labelledby="run-files" data-testid="run-files">
      <h2 id="run-files">Files</h2>
      <ul className={css.files}>
        {files.data.map(({ id, ...file }) => (
          <li key={id}>
            <FilePart file={{ type: 'file', artifactId: id, ...file }} />
          </li>
        ))}
      </ul>
    </section>
  )
}
