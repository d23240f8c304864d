using AgentKit.Models.Templates;

namespace AgentKit.Models;

/// <summary>A prompt as the engine gets it.</summary>
/// <param name="Rendered">What the template made of the messages.</param>
/// <param name="Tokens">Its tokens, without dropped ones.</param>
/// <param name="Sinks">Tokens at the beginning that always stay; <c>null</c>: nothing may be dropped later.</param>
/// <param name="Dropped">Tokens behind them that were left out.</param>
/// <param name="Summaries">How often the messages were shortened.</param>
internal sealed record FittedPrompt(RenderedPrompt Rendered, int[] Tokens, int? Sinks, int Dropped, int Summaries);
