using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Templates;

namespace AgentKit.Eval.Subjects;

/// <summary>Turns prompts into tokens, so that continuations of them can be scored.</summary>
internal sealed class PromptReader
{
    private readonly LocalModel _model;
    private readonly Tokenizer _tokenizer;
    private readonly Lazy<ChatTemplate> _template;

    public PromptReader(LocalModel model)
    {
        _model = model;
        _tokenizer = model.Tokenizer;
        _template = new(() => ChatTemplate.Parse(model.Info.ChatTemplate!));
    }

    /// <summary>SHA-256 of the chat template; <c>null</c> when the model has none.</summary>
    public string? TemplateHash => _model.Info.ChatTemplate is null ? null : _template.Value.Sha256;

    public int[] Encode(EvalPrompt prompt) => prompt.IsChat ? Tokens(Render(prompt), control: true) : Tokens(prompt.Text, control: false);

    /// <summary>
    /// The tokens of prompt and continuation, and the index of the first one of the continuation. Both are tokenized together and cut where
    /// the prompt alone would end, as lm-evaluation-harness does; white space at the end of running text goes to the continuation.
    /// </summary>
    public (int[] Tokens, int From) Encode(EvalPrompt prompt, string continuation)
    {
        string before = prompt.IsChat ? Render(prompt) : prompt.Text.TrimEnd();
        string after = prompt.IsChat ? continuation : prompt.Text[before.Length..] + continuation;
        if (prompt.IsChat) RefuseControl(continuation);
        int[] all = Tokens(before + after, prompt.IsChat);
        int from = Math.Min(Tokens(before, prompt.IsChat).Length, all.Length - 1);
        return (all, Math.Max(1, from));
    }

    private int[] Tokens(string text, bool control)
    {
        int[] tokens = _tokenizer.Encode(text, addSpecial: false, parseSpecial: control);
        bool begun = tokens.Length > 0 && tokens[0] == _tokenizer.Bos;
        if (_tokenizer.AddsBos && _tokenizer.Bos >= 0 && !begun) return [_tokenizer.Bos, .. tokens];
        if (tokens.Length > 0) return tokens;
        // The first token has no condition, so something must stand before it.
        int first = _tokenizer.Bos >= 0 ? _tokenizer.Bos : _tokenizer.Eos;
        return first >= 0 ? [first] : throw new UserInputException(
            "model", "The model has neither a begin nor an end token; there is nothing to put before an empty prompt.");
    }

    private string Render(EvalPrompt prompt)
    {
        RenderedPrompt rendered;
        try
        {
            rendered = _template.Value.Render(new()
            {
                Messages = [.. prompt.Messages.Select(
                    message => new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text })],
                BosToken = _model.Info.BosToken ?? "",
                EosToken = _model.Info.EosToken ?? "",
            });
        }
        catch (TemplateException e)
        {
            throw new UserInputException("messages", $"The model's chat template refuses these messages: {e.Message}", e);
        }

        foreach (PromptSegment segment in rendered.Segments.Where(segment => segment.IsData)) RefuseControl(segment.Text);
        return rendered.Text;
    }

    /// <summary>A question that holds a control token as text would be read as the template's own.</summary>
    private void RefuseControl(string text)
    {
        if (!_tokenizer.Encode(text).AsSpan().SequenceEqual(_tokenizer.Encode(text, parseSpecial: true)))
            throw new UserInputException(
                "sample", "The sample's text holds one of the model's control tokens; it cannot be put into the chat template as text.");
    }
}
