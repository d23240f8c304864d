using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Data;

/// <summary>
/// Turns conversations into tokens, rendered by the model's own chat template, and marks the tokens that the model would have written itself:
/// from the end of the generation prompt to the token that ends its turn, tool calls and reasoning included.
/// </summary>
public sealed class SampleEncoder
{
    private readonly Tokenizer _tokenizer;
    private readonly PromptTokenizer _prompts;
    private readonly ChatFormat _format;
    private readonly TimeProvider? _time;

    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="format">The model's chat format.</param>
    /// <param name="time">The date that a template may write; the system's when null. Rows that are read twice are only the same with a clock that stands.</param>
    public SampleEncoder(Tokenizer tokenizer, ChatFormat format, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(format);
        _tokenizer = tokenizer;
        _prompts = new(tokenizer);
        _format = format;
        _time = time;
    }

    /// <summary>Encodes a conversation.</summary>
    /// <param name="line">Line of the data file.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="promptWeight">How much tokens count that the model did not write, 0 or more.</param>
    /// <returns>
    /// One sample, and one more for each message that the template writes differently once more messages follow (many leave out earlier reasoning):
    /// the model learns it in the text it would have had before it.
    /// </returns>
    /// <exception cref="UserInputException">The template refuses the conversation, or does not begin its messages with the generation prompt.</exception>
    public IReadOnlyList<TrainingSample> Encode(int line, Conversation conversation, double promptWeight = 0)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        RenderedPrompt whole = Render(conversation, conversation.Messages.Count, open: false, line);
        List<Span> spans = [];
        List<TrainingSample> apart = [];
        for (int i = 0; i < conversation.Messages.Count; i++)
        {
            if (conversation.Weights[i] == 0) continue;
            RenderedPrompt after = Render(conversation, i + 1, open: false, line);
            Span span = SpanOf(conversation, i, after, line);
            if (whole.Text.StartsWith(after.Text, StringComparison.Ordinal)) spans.Add(span);
            else apart.Add(Sample(line, after, [span], promptWeight));
        }

        // With nothing left to learn, the whole text would only teach the prompt twice.
        return spans.Count == 0 ? apart : [Sample(line, whole, spans, promptWeight), .. apart];
    }

    /// <summary>Encodes a row as the items it stands for: a conversation's samples one by one, both answers of a preference together.</summary>
    /// <param name="row">Not a prompt without an answer.</param>
    /// <param name="promptWeight">How much tokens of a conversation count that the model did not write.</param>
    /// <exception cref="UserInputException">The template cannot express the row.</exception>
    internal IEnumerable<IReadOnlyList<TrainingSample>> Encode(TrainingRow row, double promptWeight) => row switch
    {
        ChatRow chat => Encode(chat.Line, chat.Conversation, promptWeight).Select(sample => (IReadOnlyList<TrainingSample>)[sample]),
        PreferenceRow pair => [[Ending(pair.Line, pair.Chosen), Ending(pair.Line, pair.Rejected)]],
        VerdictRow verdict => [[Ending(verdict.Line, verdict.Conversation) with { Desirable = verdict.Desirable }]],
        _ => throw new ArgumentException($"A {row.GetType().Name} has no samples.", nameof(row)),
    };

    /// <summary>The model's chat format.</summary>
    internal ChatFormat Format => _format;

    /// <summary>A conversation that the model is to answer, up to where its answer begins.</summary>
    /// <param name="line">Line of the data file.</param>
    /// <param name="conversation">Ends with a message of somebody else.</param>
    /// <exception cref="UserInputException">The template cannot express it.</exception>
    internal (string Text, int[] Tokens) EncodePrompt(int line, Conversation conversation)
    {
        RenderedPrompt rendered = Render(conversation, conversation.Messages.Count, open: true, line);
        return (rendered.Text, _prompts.Encode(rendered));
    }

    /// <summary>What a template puts between calls that the model wrote and where it goes on.</summary>
    /// <param name="line">Line of the data file.</param>
    /// <param name="conversation">Ends with the calls and a message with their results.</param>
    /// <exception cref="UserInputException">The template cannot express results, or writes the calls differently once there are some.</exception>
    internal EncodedResults EncodeResults(int line, Conversation conversation)
    {
        int results = conversation.Messages.Count - 1;
        string before = Render(conversation, results - 1, open: true, line).Text, calls = Render(conversation, results, open: false, line).Text;
        RenderedPrompt whole = Render(conversation, results + 1, open: true, line);
        int end = EndOfTurn(calls, before.Length);
        if (whole.Text.Length == end || !whole.Text.StartsWith(calls[..end], StringComparison.Ordinal))
        {
            throw new UserInputException(
                "tools", $"tools: line {line}: the model's chat template writes calls differently once their results follow, or leaves results out; tools cannot be carried out "
                + "while this model answers.");
        }

        return new(whole.Text, whole.Text[end..], [.. _prompts.EncodePart(Cut(whole.Segments, end, whole.Text.Length))]);
    }

    /// <summary>The place behind the token that ends the turn which a text ends with; the text's end where no token does.</summary>
    private int EndOfTurn(string text, int from)
    {
        int end = -1;
        foreach (string mark in _tokenizer.Special.ByText.Where(pair => _tokenizer.IsEndOfGeneration(pair.Value)).Select(pair => pair.Key))
        {
            int at = text.LastIndexOf(mark, StringComparison.Ordinal);
            if (at >= from) end = Math.Max(end, at + mark.Length);
        }

        return end < 0 ? text.Length : end;
    }

    private TrainingSample Ending(int line, Conversation conversation) => Encode(line, conversation) is [var only]
        ? only
        : throw new UserInputException("messages", $"line {line}: the template writes the answer's messages differently one by one, so they are no single text to be judged.");

    private Span SpanOf(Conversation conversation, int message, RenderedPrompt after, int line)
    {
        RenderedPrompt before = Render(conversation, message, open: true, line);
        if (!after.Text.StartsWith(before.Text, StringComparison.Ordinal) || after.Text.Length == before.Text.Length)
        {
            throw new UserInputException(
                "messages", $"line {line}: messages[{message}] does not begin as the template's generation prompt says, so what the model would write of it "
                + "cannot be told. The template may not express such a message.");
        }

        return new(before.Text.Length, after.Text.Length, conversation.Weights[message]);
    }

    private RenderedPrompt Render(Conversation conversation, int messages, bool open, int line)
    {
        try
        {
            return _format.Render(conversation.Messages.Take(messages), new ChatOptions { Tools = [.. conversation.Tools] }, addGenerationPrompt: open, time: _time);
        }
        catch (TemplateException e)
        {
            throw new UserInputException("messages", $"line {line}: the model's chat template refuses the conversation: {e.Message}", e);
        }
    }

    private TrainingSample Sample(int line, RenderedPrompt text, List<Span> spans, double promptWeight)
    {
        List<int> tokens = [];
        List<double> weights = [];
        int at = 0;
        foreach (Span span in spans)
        {
            Add(_prompts.EncodePart(Cut(text.Segments, at, span.Start)), promptWeight);
            List<int> written = _prompts.EncodePart(AsWritten(Cut(text.Segments, span.Start, span.End)));
            // The template's line break behind the end of the turn is not the model's.
            int end = written.FindLastIndex(_tokenizer.IsEndOfGeneration) is var last and >= 0 ? last + 1 : written.Count;
            Add(written[..end], span.Weight);
            Add(written[end..], promptWeight);
            at = span.End;
        }

        Add(_prompts.EncodePart(Cut(text.Segments, at, text.Text.Length)), promptWeight);
        if (_tokenizer.AddsBos && _tokenizer.Bos >= 0 && (tokens.Count == 0 || tokens[0] != _tokenizer.Bos))
        {
            tokens.Insert(0, _tokenizer.Bos);
            weights.Insert(0, 0);
        }

        weights[0] = 0;
        return new(line, [.. tokens], [.. weights]);

        void Add(List<int> part, double weight)
        {
            tokens.AddRange(part);
            weights.AddRange(Enumerable.Repeat(weight, part.Count));
        }
    }

    private static IEnumerable<PromptSegment> Cut(IReadOnlyList<PromptSegment> segments, int start, int end)
    {
        int at = 0;
        foreach (PromptSegment segment in segments)
        {
            int from = Math.Max(start, at), to = Math.Min(end, at + segment.Text.Length);
            if (from < to) yield return segment with { Text = segment.Text[(from - at)..(to - at)] };
            at += segment.Text.Length;
        }
    }

    /// <summary>
    /// What an assistant wrote may hold the model's own marks, such as the one that opens reasoning, even where a data file has it as plain text.
    /// Control tokens stay text: a row cannot end its own turn.
    /// </summary>
    private IEnumerable<PromptSegment> AsWritten(IEnumerable<PromptSegment> segments)
    {
        string[] control = [.. _tokenizer.Special.ByText.Where(pair => _tokenizer.Special.Control.Contains(pair.Value)).Select(pair => pair.Key)];
        foreach (PromptSegment segment in segments)
        {
            if (!segment.IsData)
            {
                yield return segment;
                continue;
            }

            var plain = new StringBuilder();
            for (int at = 0; at < segment.Text.Length;)
            {
                string? mark = Array.Find(control, text => string.CompareOrdinal(segment.Text, at, text, 0, text.Length) == 0);
                if (mark is null)
                {
                    plain.Append(segment.Text[at++]);
                    continue;
                }

                if (plain.Length > 0) yield return new(plain.ToString(), IsData: false);
                plain.Clear();
                yield return new(mark, IsData: true);
                at += mark.Length;
            }

            if (plain.Length > 0) yield return new(plain.ToString(), IsData: false);
        }
    }

    /// <summary>A stretch of the rendered text, in characters.</summary>
    private readonly record struct Span(int Start, int End, double Weight);
}
