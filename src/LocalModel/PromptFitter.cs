using AgentKit.Kernel.Errors;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>Makes a conversation fit the context as the caller has asked, and says what that took.</summary>
/// <param name="render">Renders messages.</param>
/// <param name="encode">Turns a rendered prompt into tokens.</param>
/// <param name="context">Tokens that the context holds.</param>
internal sealed class PromptFitter(Func<IReadOnlyList<ChatMessage>, RenderedPrompt> render, Func<RenderedPrompt, int[]> encode, int context)
{
    private const int MostSummaries = 3;

    /// <summary>Without a system prompt the first tokens stay all the same: attention rests on them (Xiao et al. 2024, section 3.1).</summary>
    private const int FewestSinks = 4;

    /// <summary>Renders a conversation and makes it fit.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="local">What to do when it does not fit.</param>
    /// <param name="maxTokens">Tokens that the answer may take, if that is limited.</param>
    /// <param name="cancellationToken">Cancels the caller's function.</param>
    /// <exception cref="UserInputException">It cannot be made to fit.</exception>
    public async Task<FittedPrompt> FitAsync(IReadOnlyList<ChatMessage> messages, LocalChatOptions local, int? maxTokens, CancellationToken cancellationToken)
    {
        RenderedPrompt prompt = render(messages);
        int[] tokens = encode(prompt);
        FittedPrompt whole = new(prompt, tokens, null, 0, 0);
        return local.Overflow switch
        {
            OverflowPolicy.Shift => Shift(whole, messages, RoomForAnswer(maxTokens)),
            OverflowPolicy.Summarize => await SummarizeAsync(whole, messages, local, context - RoomForAnswer(maxTokens), cancellationToken).ConfigureAwait(false),
            _ => whole,
        };
    }

    private int RoomForAnswer(int? maxTokens) => Math.Clamp(maxTokens ?? context / 4, 1, context / 2);

    private FittedPrompt Shift(FittedPrompt whole, IReadOnlyList<ChatMessage> messages, int room)
    {
        int sinks = Sinks(whole.Tokens, messages);
        if (sinks > context / 2)
        {
            throw new UserInputException("messages", $"System prompt and tools take {sinks:N0} tokens, more than half of the context of {context:N0}: "
                + "shifting would soon leave nothing else. Shorten them or open the model with a larger ContextLength.");
        }

        int dropped = whole.Tokens.Length < context ? 0 : whole.Tokens.Length - (context - room);
        return whole with { Tokens = [.. whole.Tokens[..sinks], .. whole.Tokens[(sinks + dropped)..]], Sinks = sinks, Dropped = dropped };
    }

    /// <summary>What comes before the first message that is not the system's: where the prompt changes when that message does.</summary>
    private int Sinks(int[] tokens, IReadOnlyList<ChatMessage> messages)
    {
        int first = messages.ToList().FindIndex(message => message.Role == ChatRole.User);
        if (first < 0)
        {
            return Math.Min(FewestSinks, tokens.Length);
        }

        string text = messages[first].Text;
        ChatMessage other = new(ChatRole.User, text.StartsWith('0') ? "1" : "0");
        int[] changed = encode(render([.. messages.Take(first), other, .. messages.Skip(first + 1)]));
        return Math.Max(tokens.AsSpan().CommonPrefixLength(changed), Math.Min(FewestSinks, tokens.Length));
    }

    private async Task<FittedPrompt> SummarizeAsync(
        FittedPrompt fitted, IReadOnlyList<ChatMessage> messages, LocalChatOptions local, int most, CancellationToken cancellationToken)
    {
        if (local.Summarize is null)
        {
            throw new UserInputException(nameof(LocalChatOptions.Summarize), "Overflow is Summarize, but there is no Summarize function.");
        }

        while (fitted.Tokens.Length > most)
        {
            if (fitted.Summaries == MostSummaries)
            {
                throw new UserInputException("messages", $"After {MostSummaries} calls of Summarize the prompt still has {fitted.Tokens.Length:N0} tokens; "
                    + $"it may have {most:N0} of the context's {context:N0}, so that there is room for an answer.");
            }

            messages = await local.Summarize(new(messages, fitted.Tokens.Length, most), cancellationToken).ConfigureAwait(false);
            RenderedPrompt prompt = render(messages);
            fitted = new(prompt, encode(prompt), null, 0, fitted.Summaries + 1);
        }

        return fitted;
    }
}
