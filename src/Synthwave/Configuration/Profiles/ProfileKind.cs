using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Profiles;

/// <summary>A kind of profile: the word of its <c>type</c>, its keys, and the rules between them. Every kind is in <see cref="ProfileKinds"/>.</summary>
internal abstract class ProfileKind
{
    /// <summary>The word of the key <c>type</c>.</summary>
    public abstract string Word { get; }

    /// <summary>What the kind does, in a few words.</summary>
    public abstract string Meaning { get; }

    /// <summary>Every key of such a profile.</summary>
    public abstract TableSchema Schema { get; }

    /// <summary>Reads the profile and checks what its own table can tell.</summary>
    public abstract ProfileConfig Read(string name, SectionReader section);

    /// <summary>The profile as a table, with every default.</summary>
    public abstract TomlTable Write(ProfileConfig profile);

    /// <summary>Checks what the rest of the file has to say about the profile.</summary>
    public abstract void Check(ProfileConfig profile, SectionReader section, ProfileSurroundings around);
}

/// <summary>A kind whose profiles are <typeparamref name="T"/>.</summary>
internal abstract class ProfileKind<T>(string word, string meaning, Table<T> keys) : ProfileKind
    where T : ProfileConfig
{
    public override string Word => word;

    public override string Meaning => meaning;

    public override TableSchema Schema => keys;

    public override ProfileConfig Read(string name, SectionReader section)
    {
        section.RefuseUnknownKeys(keys);
        var profile = keys.Read(section, (T)(keys.Blank with { Name = name }));
        CheckOwn(profile, section);
        return profile;
    }

    public override TomlTable Write(ProfileConfig profile) => keys.Write((T)profile);

    public override void Check(ProfileConfig profile, SectionReader section, ProfileSurroundings around)
    {
        ProfileTable.Check(profile, section, around);
        CheckAround((T)profile, section, around);
    }

    /// <summary>What the profile's keys say about each other.</summary>
    protected virtual void CheckOwn(T profile, SectionReader section)
    {
    }

    /// <summary>What the rest of the file says about its keys.</summary>
    protected virtual void CheckAround(T profile, SectionReader section, ProfileSurroundings around)
    {
    }
}
