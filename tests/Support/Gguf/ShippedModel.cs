namespace AgentKit.Tests.Support.Gguf;

/// <summary>The model that lies in the repository.</summary>
public static class ShippedModel
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = System.IO.Path.Combine(folder.FullName, "models", "nano.gguf");
            if (File.Exists(path)) return path;
        }
        throw new FileNotFoundException("models/nano.gguf was not found above the tests.");
    }
}
