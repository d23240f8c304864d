using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Templates;

namespace AgentKit.Cli.Models;

/// <summary>A chat template and the control tokens that come with it. A <c>.jinja</c> file has no tokens of its own.</summary>
/// <param name="Template">The template.</param>
/// <param name="BosToken">Text of the beginning-of-sequence token; null when not known.</param>
/// <param name="EosToken">Text of the end-of-sequence token; null when not known.</param>
internal sealed record TemplateFile(ChatTemplate Template, string? BosToken, string? EosToken)
{
    private static readonly byte[] GgufMagic = "GGUF"u8.ToArray();

    /// <summary>Reads the template of a model, or a template that stands alone.</summary>
    /// <param name="file">A <c>.gguf</c> or <c>.jinja</c> file, or the name of a model.</param>
    /// <param name="data">Where named models live.</param>
    /// <exception cref="UserInputException">There is no such file, or it has no template.</exception>
    /// <exception cref="TemplateException">The template is malformed; names the line.</exception>
    public static TemplateFile Open(string file, DataDirectory data)
    {
        string path = ModelLocator.Resolve(file, data, "FILE");
        if (!IsModel(path)) return new(ChatTemplate.Parse(WithoutMark(TextFile.Read("FILE", path))), null, null);
        ModelInfo model = ModelInfo.Read(path);
        string source = model.ChatTemplate
            ?? throw new UserInputException("FILE", $"FILE: {path} has no chat template (tokenizer.chat_template); give a .jinja file instead.");
        return new(ChatTemplate.Parse(source), model.BosToken, model.EosToken);
    }

    private static bool IsModel(string path)
    {
        if (path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) return true;
        Span<byte> start = stackalloc byte[4];
        try
        {
            using FileStream file = File.OpenRead(path);
            return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(GgufMagic);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("FILE", $"FILE: {path} cannot be read: {e.Message}", e);
        }
    }

    private static string WithoutMark(string text) => text.StartsWith('\uFEFF') ? text[1..] : text;
}
