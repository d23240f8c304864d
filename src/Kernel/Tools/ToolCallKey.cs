using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace AgentKit.Kernel.Tools;

/// <summary>
/// The deterministic key of a tool call: the same on every attempt, different for every other call. An idempotent tool stores it with its
/// effect, or passes it to the system it writes to, and does nothing when it is there already.
/// </summary>
public static class ToolCallKey
{
    private const string Name = "agentkit.call_key";

    /// <summary>The key of a call: 16 bytes of SHA-256 over run, step and call id, in hexadecimal.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="step">The tool step.</param>
    /// <param name="callId">The call's id in its run.</param>
    public static string Of(string runId, int step, string callId)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{runId}\n{step}\n{callId}")));
        return Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }

    /// <summary>The key an invocation came with.</summary>
    /// <param name="arguments">The invocation's arguments; a function made by <see cref="AIFunctionFactory"/> gets them as a parameter.</param>
    /// <returns><c>null</c> when the caller was no agent's loop.</returns>
    public static string? Find(AIFunctionArguments arguments) =>
        arguments.Context?.TryGetValue(Name, out object? key) is true ? key as string : null;

    /// <summary>Gives an invocation its key.</summary>
    /// <param name="arguments">The invocation's arguments.</param>
    /// <param name="key">The key.</param>
    public static void Set(AIFunctionArguments arguments, string key) =>
        (arguments.Context ??= new Dictionary<object, object?>())[Name] = key;
}
