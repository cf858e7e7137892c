import type { FormDesk } from '../chat/sender.ts'
import type { Core } from '../core.ts'

export const createFormDesk = (_core: Core): FormDesk => ({
  find: async () => undefined,
  fill: async () => undefined,
})
