export const GENERATE_TOOL = 'llm.generate'
export const EXTRACT_TOOL = 'llm.extract'

/** Tools that cost what the model costs that they ask. */
export const isModelTool = (toolId: string): boolean => toolId === GENERATE_TOOL || toolId === EXTRACT_TOOL
