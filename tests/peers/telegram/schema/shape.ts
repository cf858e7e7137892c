/** What a value must be, as far as types say it. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'file'
  | 'any'
  | 'nothing'
  /** One of these values. */
  | { is: (string | number | boolean)[] }
  | { list: Shape }
  | { oneOf: Shape[] }
  /** One of `objects`, by its name. */
  | { object: string }

/** By name; a `?` at the end: it may be left out. */
export type Fields = Record<string, Shape>

/** Least, most, and of what. */
export type Limit = [number, number, 'characters' | 'bytes']

export interface BotApi {
  methods: Record<string, Fields>
  /** A choice that can have itself in it stands here too. */
  objects: Record<string, Fields | Shape>
  /** By `<method or object>.<field>`. */
  limits: Record<string, Limit>
}
