using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using AgentKit.Training.Data;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rewards;

/// <summary>A tenth of the mark from 0 to 10 that a model gives (Zheng et al. 2023, single answer grading).</summary>
/// <param name="judge">The model that judges.</param>
/// <param name="rubric">What a good answer is.</param>
public sealed partial class JudgeReward(IChatClient judge, string rubric) : Reward
{
    /// <inheritdoc/>
    public override string Name => "judge";

    /// <inheritdoc/>
    public override string? Field => null;

    /// <inheritdoc/>
    /// <exception cref="ModelOutputException">The judge gave no mark.</exception>
    public override async ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        string asked = string.Join('\n', prompt.Messages.Select(message => $"{message.Role}: {message.Text}"));
        string question = $"{rubric}\n\nConversation:\n{asked}\n\nAnswer to judge:\n{answer.Text}\n\nGive a mark from 0 to 10. Reply with the number only.";
        ChatResponse reply = await judge.GetResponseAsync(question, new() { Temperature = 0, MaxOutputTokens = 16 }, cancellationToken).ConfigureAwait(false);
        Match mark = Mark().Match(reply.Text);
        return mark.Success && double.Parse(mark.Value, CultureInfo.InvariantCulture) is >= 0 and <= 10 and var value
            ? value / 10
            : throw new ModelOutputException($"The judge was to give a mark from 0 to 10 and wrote: {reply.Text}");
    }

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Mark();
}
