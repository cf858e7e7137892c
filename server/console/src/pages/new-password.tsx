import '@mantine/core/styles/PasswordInput.layer.css'
import { PasswordInput } from '@mantine/core'

interface Props {
  label?: string
  value: string
  onChange: (value: string) => void
  error: string | undefined
  isRequired?: boolean
  hint?: string
  size?: 'sm' | 'md'
}

/** A password that is chosen: one field that can be made readable, and any characters there are. */
export function NewPassword({
  label = 'Password',
  value,
  onChange,
  error,
  isRequired = true,
  hint = '8 characters or more; a short sentence is best',
  size = 'md',
}: Props) {
  return (
    <PasswordInput
      label={label}
      description={hint}
      required={isRequired}
      withAsterisk={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoComplete="new-password"
      maxLength={256}
      size={size}
      data-testid="new-password"
    />
  )
}
