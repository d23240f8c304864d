using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>1 where the answer's code passes the row's tests, else 0. Running untrusted code is left to a sandbox that is given.</summary>
/// <param name="run">Runs a Python program apart from this process and says whether it ended without an error.</param>
public sealed partial class CodeReward(Func<string, CancellationToken, Task<bool>> run) : Reward
{
    /// <inheritdoc/>
    public override string Name => "tests";

    /// <inheritdoc/>
    public override string? Fault(JsonElement expected) => expected.ValueKind == JsonValueKind.String ? null : "the text of a Python program is expected, such as assertions";

    /// <inheritdoc/>
    public override async ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        string code = Fence().Match(answer.Content) is { Success: true } match ? match.Groups[1].Value : answer.Content;
        return await run($"{code}\n\n{expected.GetString()}\n", cancellationToken).ConfigureAwait(false) ? 1 : 0;
    }

    [GeneratedRegex(@"```(?:python|py)?\s*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
