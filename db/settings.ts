import { statement } from './statement.ts'

export const findSetting = statement((q, p: { key: string }) =>
  q.selectFrom('setting').select('value_json').where('key', '=', p.key),
)

export const putSetting = statement((q, p: { key: string; valueJson: string }) =>
  q
    .insertInto('setting')
    .values({ key: p.key, value_json: p.valueJson })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value_json: p.valueJson })),
)
