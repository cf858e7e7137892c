/** What can be connected, in the order of the list, and what each asks for beside its key. */
export const PROVIDERS = [
  { value: 'openai', label: 'OpenAI', secret: 'API key' },
  { value: 'anthropic', label: 'Anthropic', secret: 'API key' },
  { value: 'google', label: 'Google Gemini', secret: 'API key' },
  {
    value: 'openai_compatible',
    label: 'Like OpenAI (Ollama, vLLM, a gateway)',
    secret: 'API key',
    address: 'https://',
  },
  { value: 'http', label: 'An HTTP service', secret: 'Key or token', address: 'https://', hasAuth: true },
  { value: 'google_workspace', label: 'Google Workspace', secret: 'Access token' },
  { value: 'smtp', label: 'A mailbox (SMTP)', secret: 'Password', address: 'smtps://', hasUser: true },
  { value: 'custom', label: 'Something else', secret: 'Key or token', address: 'https://', hasAuth: true },
] as const satisfies {
  value: string
  label: string
  secret: string
  address?: string
  hasAuth?: boolean
  hasUser?: boolean
}[]

export interface Provider {
  value: string
  label: string
  secret: string
  address?: string
  hasAuth?: boolean
  hasUser?: boolean
}

const [FIRST] = PROVIDERS

export const providerNamed = (value: string): Provider => PROVIDERS.find((one) => one.value === value) ?? FIRST

/** How an HTTP service wants to be shown its key. */
export const AUTHS = [
  { value: 'bearer', label: 'Authorization: Bearer …' },
  { value: 'header', label: 'A header of its own' },
  { value: 'query', label: 'A part of the address' },
  { value: 'basic', label: 'User and password' },
]
