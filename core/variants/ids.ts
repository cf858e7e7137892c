const RUN = 'run_'
const VARIANT = 'var_'

/** Each variant is what one run brought, so one id follows from the other and needs no row. */
export const variantIdOf = (runId: string): string => VARIANT + runId.slice(RUN.length)

/** The run a variant is the outputs of; undefined for what is no id of a variant. */
export const sourceRunOf = (variantId: string): string | undefined =>
  variantId.startsWith(VARIANT) ? RUN + variantId.slice(VARIANT.length) : undefined
