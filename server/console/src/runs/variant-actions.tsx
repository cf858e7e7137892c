import { Button, Menu } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { call, newKey, sentenceOf } from '../api/client.ts'
import type { Run } from '../api/types.ts'
import { ChevronIcon } from '../app/icons.tsx'
import { ProblemNote } from '../pages/card.tsx'
import { partsKeyOf, runKeyOf } from './queries.ts'
import css from './runs.module.css'

const FORMATS = [
  { format: 'markdown', label: 'Markdown' },
  { format: 'json', label: 'JSON' },
  { format: 'csv', label: 'CSV' },
  { format: 'file', label: 'As it is' },
] as const

interface Exported {
  files: { name: string; url: string }[]
}

/** What may be done with a variant: accepted, once for the whole run, and taken away as a file. */
export function VariantActions({ run, variantId }: { run: Run; variantId: string }) {
  const client = useQueryClient()
  const key = useRef(newKey())
  const post = <Answer,>(action: string, body: object): Promise<Answer> =>
    call('POST', `/v1/variants/${encodeURIComponent(variantId)}/${action}`, {
      body,
      idempotencyKey: `${key.current}-${action}`,
    })
  const changed = async (): Promise<void> => {
    key.current = newKey()
    await client.invalidateQueries({ queryKey: runKeyOf(run.id) })
    await client.invalidateQueries({ queryKey: partsKeyOf(run.id) })
  }
  const accept = useMutation({ mutationFn: () => post('accept', {}), onSettled: changed })
  const take = useMutation({
    mutationFn: (format: string) => post<Exported>('export', { format }),
    onSuccess: async ({ files }) => {
      const [file, ...others] = files
      // Several stand below, to be chosen from.
      if (file && others.length === 0) download(file)
      await changed()
    },
  })
  const failed = accept.error ?? take.error
  return (
    <>
      <div className={css.actions}>
        {run.actions.includes('accept') && (
          <Button
            size="compact-md"
            onClick={() => accept.mutate()}
            loading={accept.isPending}
            data-testid="variant-accept"
          >
            Accept
          </Button>
        )}
        <Menu position="bottom-start">
          <Menu.Target>
            <Button
              size="compact-md"
              variant="default"
              rightSection={<ChevronIcon size={16} />}
              loading={take.isPending}
              data-testid="variant-export"
            >
              Export
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {FORMATS.map(({ format, label }) => (
              <Menu.Item key={format} onClick={() => take.mutate(format)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      {failed && <ProblemNote>{sentenceOf(failed)}</ProblemNote>}
    </>
  )
}

function download({ name, url }: { name: string; url: string }): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
