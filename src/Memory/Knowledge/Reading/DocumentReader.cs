using System.Collections.Frozen;
using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Chooses the reader by the end of a file's name.</summary>
internal static class DocumentReader
{
    /// <summary>Changes whenever the text or the blocks of a document change.</summary>
    public const int Version = 2;

    private static readonly FrozenDictionary<string, string> Kinds = new (string Kind, string Extensions)[]
    {
        ("md", ".md .markdown .mdx"),
        ("txt", ".txt .text .log .rst .adoc .org .tex .yaml .yml .toml .ini .xml .css"),
        ("html", ".html .htm .xhtml"),
        ("docx", ".docx"), ("xlsx", ".xlsx"), ("pptx", ".pptx"), ("pdf", ".pdf"), ("csv", ".csv .tsv"), ("json", ".json"), ("jsonl", ".jsonl .ndjson"),
        ("code", ".cs .fs .vb .java .kt .kts .scala .py .pyi .js .jsx .mjs .cjs .ts .tsx .go .rs .c .h .cc .cpp .cxx .hh .hpp .m .swift .rb .php .sh"
            + " .bash .ps1 .sql .lua .r .jl .proto .dart .ex .exs .hs .ml .clj .zig .pl"),
    }.SelectMany(kind => kind.Extensions.Split(' ').Select(extension => (extension, kind.Kind)))
        .ToFrozenDictionary(pair => pair.extension, pair => pair.Kind, StringComparer.OrdinalIgnoreCase);

    /// <summary>The kinds of documents, for messages.</summary>
    public static string AllKinds { get; } = string.Join(", ", Kinds.Values.Distinct());

    /// <summary>The kinds that a text in memory can have, for messages.</summary>
    public static string TextKinds { get; } = string.Join(", ", Kinds.Values.Distinct().Where(IsText));

    /// <summary>Whether a text in memory can be of this kind.</summary>
    public static bool IsText(string kind) => kind is "md" or "txt" or "html" or "csv" or "json" or "jsonl" or "code";

    /// <summary>The kind of a file by its name; <c>null</c> when it is none of those that are read.</summary>
    public static string? KindOf(string path) => Kinds.GetValueOrDefault(Path.GetExtension(path));

    /// <param name="kind">As <see cref="KindOf"/> says.</param>
    /// <param name="content">The file.</param>
    /// <param name="path">Where it lies, for readers that are programs of their own.</param>
    /// <exception cref="UserInputException">The file is not what its name says, or cannot be read; the message says why.</exception>
    public static ReadDocument Read(string kind, byte[] content, string path) => kind switch
    {
        "md" => MarkdownReader.Read(TextDecoder.Decode(content)),
        "txt" => PlainTextReader.Read(TextDecoder.Decode(content)),
        "html" => HtmlReader.Read(content),
        "docx" => OfficeFile.Read(content, WordReader.Read),
        "xlsx" => OfficeFile.Read(content, SheetReader.Read),
        "pptx" => OfficeFile.Read(content, SlidesReader.Read),
        "pdf" => PdfReader.Read(path),
        "csv" => RecordReader.ReadTable(TextDecoder.Decode(content)),
        "json" => RecordReader.ReadJson(TextDecoder.Decode(content)),
        "jsonl" => RecordReader.ReadJsonLines(TextDecoder.Decode(content)),
        "code" => CodeReader.Read(TextDecoder.Decode(content)),
        _ => throw new UserInputException("kind", $"'{kind}' is no kind of document; {AllKinds} are."),
    };
}
