using AgentKit.Models.Gguf;

namespace AgentKit.Models;

/// <summary>Writes a query and a document as a ranking model expects them: by its own template, else the texts with the separators of its vocabulary.</summary>
/// <param name="file">The model's file.</param>
/// <param name="tokenizer">Its tokenizer.</param>
internal sealed class PairEncoder(GgufFile file, Tokenizer tokenizer)
{
    private const string Query = "{query}";
    private const string Document = "{document}";

    private readonly string? _template = file.FindString("tokenizer.chat_template.rerank");

    public int[] Encode(string query, string document) => _template is null ? Plain(query, document) : Templated(_template, query, document);

    private int[] Plain(string query, string document)
    {
        List<int> tokens = [];
        Add(tokenizer.AddsBos, tokenizer.Bos);
        tokens.AddRange(tokenizer.Encode(query));
        Add(tokenizer.AddsEos, tokenizer.Eos);
        Add(tokenizer.Separator >= 0, tokenizer.Separator);
        tokens.AddRange(tokenizer.Encode(document));
        Add(tokenizer.AddsEos, tokenizer.Eos);
        return [.. tokens];

        void Add(bool wanted, int token)
        {
            if (wanted && token >= 0)
            {
                tokens.Add(token);
            }
        }
    }

    /// <summary>Control tokens count as such in the template only, never in the texts.</summary>
    private int[] Templated(string template, string query, string document)
    {
        List<int> tokens = [];
        while (template.Length > 0)
        {
            int next = new[] { Query, Document }.Select(name => template.IndexOf(name, StringComparison.Ordinal)).Where(at => at >= 0)
                .DefaultIfEmpty(template.Length).Min();
            tokens.AddRange(tokenizer.Encode(template[..next], parseSpecial: true));
            if (next == template.Length)
            {
                break;
            }

            bool isQuery = template.AsSpan(next).StartsWith(Query, StringComparison.Ordinal);
            tokens.AddRange(tokenizer.Encode(isQuery ? query : document));
            template = template[(next + (isQuery ? Query : Document).Length)..];
        }

        return [.. tokens];
    }
}
