import { type Expression, type Liquid, Tokenizer, TypeGuards, Value } from 'liquidjs'
import { ToolError } from './tool.ts'

const CONDITION_CHARS_MAX = 4_096

/** A condition as inside `{% if … %}`, ready to be evaluated. Stricter than Liquid, which ignores what it cannot place. */
export function parseConditionText(engine: Liquid, condition: string): Value {
  if (condition.length > CONDITION_CHARS_MAX) {
    throw new ToolError('limit_exceeded', `A condition has at most ${CONDITION_CHARS_MAX} characters.`)
  }
  if (/\{[{%]|[%}]\}/.test(condition)) {
    throw new ToolError('bad_input', 'A condition is written without {{ }} and {% %}, like steps.lint.ok == true.')
  }
  const tokenizer = new Tokenizer(condition, engine.options.operators, undefined, undefined, true)
  const token = tokenizer.readFilteredValue()
  tokenizer.skipBlank()
  if (!tokenizer.end()) {
    throw new ToolError('bad_input', `“${tokenizer.snapshot()}” does not belong at the end of a condition.`)
  }
  checkOperands(token.initial)
  return new Value(token, engine)
}

/** One value must be left when every operator has taken its own: `a b` leaves two, `a ==` none. */
function checkOperands({ postfix }: Expression): void {
  let operands = 0
  for (const token of postfix) {
    if (TypeGuards.isFilteredValueToken(token)) checkOperands(token.initial)
    if (!TypeGuards.isOperatorToken(token)) operands += 1
    else if (operands < (token.operator === 'not' ? 1 : 2)) {
      throw new ToolError('bad_input', `“${token.operator}” in the condition lacks a value beside it.`)
    } else if (token.operator !== 'not') operands -= 1
  }
  if (operands !== 1) throw new ToolError('bad_input', 'Two values in the condition have no operator between them.')
}
