using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using AgentKit.Training.Data;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rewards;

/// <summary>A tenth of the mark from 0 to 10 that a model gives (Zheng et al. 2023, single answer grading).</summary>
public sealed partial class JudgeReward : Reward
{
    /// <summary>A mark takes few; the rest is for models that cannot be kept from thinking first.</summary>
    private const int MaxReplyTokens = 256;

    private readonly Lazy<IChatClient> _judge;
    private readonly string _rubric;

    /// <summary>A model that is there.</summary>
    /// <param name="judge">The model that judges.</param>
    /// <param name="rubric">What a good answer is.</param>
    public JudgeReward(IChatClient judge, string rubric)
        : this(() => judge, rubric, judge.GetService<ChatClientMetadata>()?.DefaultModelId ?? "")
    {
    }

    /// <summary>A model that is opened when the first answer is judged.</summary>
    /// <param name="judge">Opens the model that judges; called once.</param>
    /// <param name="rubric">What a good answer is.</param>
    /// <param name="model">What tells the model from others: a run is resumed with the same only.</param>
    public JudgeReward(Func<IChatClient> judge, string rubric, string model)
    {
        _judge = new Lazy<IChatClient>(judge);
        _rubric = rubric;
        Settings = $"model {model}, rubric {rubric}";
    }

    /// <inheritdoc/>
    public override string Name => "judge";

    /// <inheritdoc/>
    public override string? Field => null;

    /// <inheritdoc/>
    public override string Settings { get; }

    /// <inheritdoc/>
    /// <exception cref="ModelOutputException">The judge gave no mark.</exception>
    public override async ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        string asked = string.Join('\n', prompt.Messages.Select(message => $"{message.Role}: {message.Text}"));
        string question = $"{_rubric}\n\nConversation:\n{asked}\n\nAnswer to judge:\n{answer.Text}\n\nGive a mark from 0 to 10. Reply with the number only.";
        string reply = await ReplyAsync(question, cancellationToken).ConfigureAwait(false);
        Match mark = Mark().Match(reply);
        return mark.Success && double.Parse(mark.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is >= 0 and <= 10 and var value
            ? value / 10
            : throw new ModelOutputException($"The judge was to give a mark from 0 to 10 and wrote: {reply}");
    }

    private async Task<string> ReplyAsync(string question, CancellationToken cancellationToken)
    {
        IChatClient judge = _judge.Value;
        try
        {
            ChatOptions asked = new() { Temperature = 0, MaxOutputTokens = MaxReplyTokens, Reasoning = new() { Effort = ReasoningEffort.None } };
            return (await judge.GetResponseAsync(question, asked, cancellationToken).ConfigureAwait(false)).Text;
        }
        catch (UserInputException e)
        {
            // Such as an answer that is longer than the judge's context: this one cannot be judged, others can.
            throw new ModelOutputException($"The judge cannot read this answer: {e.Message}", e);
        }
    }

    /// <summary>Nothing but the mark: of "a scale of 0 to 10: 8" the first number is not what was meant.</summary>
    [GeneratedRegex(@"^[\s*]*(?:(?:mark|score|rating)\s*:?)?[\s*]*(\d+(?:\.\d+)?)(?:\s*/\s*10|\s+out of 10)?[\s*.]*$", RegexOptions.IgnoreCase)]
    private static partial Regex Mark();
}
