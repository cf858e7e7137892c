import { Input } from '@mantine/core'
import type { ReactNode } from 'react'
import '@mantine/core/styles/InlineInput.layer.css'

export interface LabelledProps {
  id: string
  label: string
  description?: ReactNode
  error?: string | undefined
  required: boolean
}

/** Name, words and problem around what is no input of its own: a group of choices, a file. */
export function Labelled({ children, ...props }: LabelledProps & { children: ReactNode }) {
  return (
    <Input.Wrapper labelElement="div" {...props}>
      {children}
    </Input.Wrapper>
  )
}

/** What ties the group to its name, its words and its problem. */
export const labelledBy = ({ id, description, error }: LabelledProps) => ({
  'aria-labelledby': `${id}-label`,
  'aria-describedby':
    [description ? `${id}-description` : '', error ? `${id}-error` : ''].join(' ').trim() || undefined,
})
