using AgentKit.Training.Data;
using AgentKit.Training.Rewards;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rollouts;

/// <summary>An answer in the making: turns of the model and, between them, results of tools.</summary>
/// <param name="prompt">What was asked.</param>
internal sealed class Dialogue(RolloutPrompt prompt)
{
    private readonly List<int> _tokens = [.. prompt.Tokens];
    private readonly List<double> _weights = [.. new double[prompt.Tokens.Length]];
    private readonly List<ChatMessage> _messages = [];
    private string _transcript = "";
    private bool _ended;
    private int _carriedOut, _failures;

    /// <summary>All tokens so far, the prompt's first.</summary>
    public int[] Tokens => [.. _tokens];

    /// <summary>Tokens that the model wrote.</summary>
    public int Written { get; private set; }

    /// <summary>The text behind which the model goes on.</summary>
    public string Text { get; private set; } = prompt.Text;

    /// <summary>The calls of the last turn.</summary>
    public IReadOnlyList<FunctionCallContent> OpenCalls => [.. _messages[^1].Contents.OfType<FunctionCallContent>()];

    /// <summary>Adds a turn of the model.</summary>
    /// <param name="tokens">What it wrote.</param>
    /// <param name="text">The same as text.</param>
    /// <param name="contents">The same taken apart.</param>
    /// <param name="ended">Whether the model ended it.</param>
    public void AddTurn(int[] tokens, string text, IList<AIContent> contents, bool ended)
    {
        Add(tokens, 1);
        Written += tokens.Length;
        _messages.Add(new(ChatRole.Assistant, contents));
        _transcript += text;
        _ended = ended;
    }

    /// <summary>The conversation so far with the results of the last turn's calls. Of that turn it holds the calls alone: what stands before them is written already.</summary>
    public Conversation With(ChatMessage results)
    {
        ChatMessage[] messages = [.. prompt.Conversation.Messages, .. _messages.SkipLast(1), new(ChatRole.Assistant, [.. OpenCalls]), results];
        return new(messages, new double[messages.Length], prompt.Conversation.Tools);
    }

    /// <summary>Adds the results of the last turn's calls.</summary>
    /// <param name="results">The message that holds them.</param>
    /// <param name="failures">How many of them came from tools that crashed.</param>
    /// <param name="added">How the template writes them, up to where the model goes on.</param>
    public void AddResults(ChatMessage results, int failures, EncodedResults added)
    {
        _carriedOut += OpenCalls.Count;
        _failures += failures;
        Add(added.Tokens, 0);
        _messages.Add(results);
        _transcript += added.Added;
        Text = added.Text;
    }

    /// <summary>The limit of tokens left no room to go on.</summary>
    public void CutOff() => _ended = false;

    /// <summary>The answer, of which only what the model wrote counts.</summary>
    public Rollout ToRollout()
    {
        string content = string.Concat(_messages[^1].Contents.OfType<TextContent>().Select(part => part.Text));
        Answer answer = new(_transcript, content, [.. _messages.SelectMany(message => message.Contents.OfType<FunctionCallContent>())], Written, _ended)
        {
            CarriedOut = _carriedOut, ToolFailures = _failures, Messages = [.. _messages],
        };
        return new(new(prompt.Line, Tokens, [.. _weights]), answer);
    }

    private void Add(int[] tokens, double weight)
    {
        _tokens.AddRange(tokens);
        _weights.AddRange(Enumerable.Repeat(weight, tokens.Length));
    }
}
