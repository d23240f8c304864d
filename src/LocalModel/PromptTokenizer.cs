using System.Text;
using AgentKit.Models.Templates;

namespace AgentKit.Models;

/// <summary>
/// Turns a rendered prompt into tokens. Control tokens count only where the template wrote them: the same characters in a message stay
/// ordinary text, so nobody can end a turn or open a system message from within one. Text between control tokens is tokenized as a whole,
/// whoever wrote it, because a model has learnt the tokens of whole texts.
/// </summary>
internal sealed class PromptTokenizer
{
    private readonly Tokenizer _tokenizer;

    /// <summary>Texts of special tokens by their first character, longest first.</summary>
    private readonly Dictionary<char, KeyValuePair<string, int>[]> _special;

    public PromptTokenizer(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _special = tokenizer.Special.ByText
            .GroupBy(pair => pair.Key[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(pair => pair.Key.Length).ToArray());
    }

    public int[] Encode(RenderedPrompt prompt)
    {
        List<int> tokens = EncodePart(prompt.Segments);
        if (_tokenizer.AddsBos && _tokenizer.Bos >= 0 && (tokens.Count == 0 || tokens[0] != _tokenizer.Bos))
        {
            // Templates usually write it themselves; twice would be a text the model has never seen.
            tokens.Insert(0, _tokenizer.Bos);
        }

        return [.. tokens];
    }

    /// <summary>The tokens of a part of a prompt, cut where the model's turn begins or ends; no begin token is added.</summary>
    public List<int> EncodePart(IEnumerable<PromptSegment> segments)
    {
        List<int> tokens = [];
        StringBuilder text = new();
        foreach (PromptSegment segment in segments)
        {
            if (segment.IsData)
            {
                text.Append(segment.Text);
            }
            else
            {
                AddTemplateText(segment.Text, text, tokens);
            }
        }

        AddText(text, tokens);
        return tokens;
    }

    private void AddTemplateText(string template, StringBuilder text, List<int> tokens)
    {
        int position = 0;
        while (position < template.Length)
        {
            if (SpecialAt(template, position) is { } special)
            {
                AddText(text, tokens);
                tokens.Add(special.Value);
                position += special.Key.Length;
            }
            else
            {
                text.Append(template[position++]);
            }
        }
    }

    private KeyValuePair<string, int>? SpecialAt(string template, int position)
    {
        if (!_special.TryGetValue(template[position], out KeyValuePair<string, int>[]? candidates))
        {
            return null;
        }

        foreach (KeyValuePair<string, int> candidate in candidates)
        {
            if (string.CompareOrdinal(template, position, candidate.Key, 0, candidate.Key.Length) == 0)
            {
                return candidate;
            }
        }

        return null;
    }

    private void AddText(StringBuilder text, List<int> tokens)
    {
        if (text.Length > 0)
        {
            tokens.AddRange(_tokenizer.Encode(text.ToString()));
            text.Clear();
        }
    }
}
