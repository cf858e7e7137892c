import { askMock } from './mock.ts'
import { ModelError, type Models } from './model.ts'

/** The models that are asked for real, and the mock. */
export function createModels(): Models {
  return {
    async ask(request) {
      if (request.choice.provider === 'mock') return askMock(request)
      throw new ModelError('model_not_found', `${request.choice.provider} is not built in yet.`)
    },
  }
}
