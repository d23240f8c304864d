using Microsoft.Extensions.AI;

namespace AgentKit.Kernel.Tools;

/// <summary>Looks whether an interrupted call of a verifiable tool took effect.</summary>
/// <param name="key">The call's key, which the tool had been given with the call.</param>
/// <param name="arguments">The call's arguments.</param>
/// <param name="cancellationToken">Ends the looking.</param>
public delegate ValueTask<ToolVerdict> ToolVerifier(string key, AIFunctionArguments arguments, CancellationToken cancellationToken);
